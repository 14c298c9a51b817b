//! The words that readings are made of, each with its clip and its text.

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $clip:literal, $text:literal;)*) => {
        /// One spoken clip.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Word { $($(#[$doc])* $name,)* }

        impl Word {
            /// Every word.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the id of the prompt that says it.
            #[must_use]
            pub const fn clip(self) -> &'static str {
                match self { $(Self::$name => $clip,)* }
            }

            /// Returns it in Chinese characters.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

words! {
    /// 0.
    Zero = "n-0", "零";
    /// 1.
    One = "n-1", "一";
    /// 2 in a number.
    Two = "n-2", "二";
    /// 3.
    Three = "n-3", "三";
    /// 4.
    Four = "n-4", "四";
    /// 5.
    Five = "n-5", "五";
    /// 6.
    Six = "n-6", "六";
    /// 7.
    Seven = "n-7", "七";
    /// 8.
    Eight = "n-8", "八";
    /// 9.
    Nine = "n-9", "九";
    /// 1 in telephone, account and order numbers.
    Yao = "n-yao", "幺";
    /// 2 of something.
    Liang = "n-liang", "两";
    /// 10.
    Ten = "u-shi", "十";
    /// 100.
    Hundred = "u-bai", "百";
    /// 1 000.
    Thousand = "u-qian", "千";
    /// 10 000.
    Wan = "u-wan", "万";
    /// 100 000 000.
    Yi = "u-yi", "亿";
    /// The decimal point.
    Point = "u-dian", "点";
    /// Minus.
    Minus = "u-fu", "负";
    /// 1 yuan.
    Yuan = "m-yuan", "元";
    /// 0.1 yuan.
    Jiao = "m-jiao", "角";
    /// 0.01 yuan.
    Fen = "m-fen", "分";
    /// Year.
    Year = "d-nian", "年";
    /// Month.
    Month = "d-yue", "月";
    /// Day of the month.
    Day = "d-ri", "日";
    /// Hour of the day.
    Hour = "t-dian", "点";
    /// Minute of the hour.
    Minute = "t-fen", "分";
    /// The full hour.
    Sharp = "t-zheng", "整";
    /// Parts of a hundred; stands before the number.
    Percent = "u-percent", "百分之";
    /// A place in a row; stands before the number.
    Ordinal = "u-di", "第";
}

impl Word {
    /// The digits 0 to 9 as in numbers.
    pub(super) const DIGITS: [Self; 10] = [
        Self::Zero,
        Self::One,
        Self::Two,
        Self::Three,
        Self::Four,
        Self::Five,
        Self::Six,
        Self::Seven,
        Self::Eight,
        Self::Nine,
    ];

    /// Returns the word of one digit; only the last decimal place of `digit` counts.
    pub(super) fn digit(digit: u64) -> Self {
        Self::DIGITS[usize::try_from(digit % 10).unwrap_or_default()]
    }
}

/// Returns a reading in Chinese characters.
#[must_use]
pub fn text(words: &[Word]) -> String {
    words.iter().map(|word| word.text()).collect()
}

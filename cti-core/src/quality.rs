//! How well a party was heard, measured by the reports of RTCP and rated as a listener would.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// ITU-T G.107 table 3: the rating of a connection in which everything has its default value.
const BEST: f64 = 93.2;

/// ITU-T G.113 appendix I: how robust G.711 with concealment is against random loss.
const ROBUSTNESS: f64 = 25.1;

/// Below this rating many users are dissatisfied (ITU-T G.109).
const POOR: f64 = 70.0;

/// The packet and its place in the play-out, before anything is late.
const LEAST_DELAY: Duration = Duration::from_millis(40);

/// What one leg carried over its whole time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceQuality {
    /// Packets of the party that arrived.
    pub received: u64,
    /// Packets of the party that never arrived (RFC 3550 §6.4.1).
    pub lost: u64,
    /// Packets sent to the party.
    pub sent: u64,
    /// Packets of those that the party misses by its own reports.
    pub lost_by_peer: u64,
    /// The jitter at the end (RFC 3550 §6.4.1), in microseconds.
    pub jitter_us: u64,
    /// The greatest jitter, in microseconds.
    pub max_jitter_us: u64,
    /// The time to the party and back by its last report, in microseconds; none when it reported nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_us: Option<u64>,
}

impl VoiceQuality {
    /// Returns the share of the party's packets that never arrived, 0 to 1.
    #[must_use]
    pub fn loss(&self) -> f64 {
        share(self.lost, self.received + self.lost)
    }

    /// Returns the share of our packets that the party misses, 0 to 1; nothing when it reported nothing.
    #[must_use]
    pub fn peer_loss(&self) -> Option<f64> {
        self.round_trip_us.map(|_| share(self.lost_by_peer, self.sent))
    }

    /// Returns how the party was heard here, as a mean opinion score of 1 (bad) to 4.4 (as good as G.711 can be).
    #[must_use]
    pub fn mos(&self) -> f64 {
        score(self.rating(self.loss()))
    }

    /// Returns how the party heard us, likewise; nothing when it reported nothing.
    #[must_use]
    pub fn peer_mos(&self) -> Option<f64> {
        self.peer_loss().map(|loss| score(self.rating(loss)))
    }

    /// Returns whether many users would be dissatisfied with what was heard of the party, or by it (rating below 70).
    #[must_use]
    pub fn is_poor(&self) -> bool {
        let worst = self.peer_loss().map_or(self.loss(), |loss| loss.max(self.loss()));
        self.rating(worst) < POOR
    }

    /// ITU-T G.107 §7: R = R₀ − Is − Id − Ie-eff + A, with everything but delay and loss at its default.
    fn rating(&self, loss: f64) -> f64 {
        let network = Duration::from_micros(self.round_trip_us.unwrap_or(0)) / 2;
        let delay = network + LEAST_DELAY + 2 * Duration::from_micros(self.jitter_us);
        let delay_ms = delay.as_secs_f64() * 1000.0;
        // §7.4, Idd as a straight line with a bend at 177.3 ms, as planners use it.
        let by_delay = 0.024 * delay_ms + 0.11 * (delay_ms - 177.3).max(0.0);
        // §7.5, formula 7-29 with Ie = 0 (G.711) and BurstR = 1 (random loss).
        let percent = loss * 100.0;
        let by_loss = 95.0 * percent / (percent + ROBUSTNESS);
        (BEST - by_delay - by_loss).clamp(0.0, 100.0)
    }
}

/// ITU-T G.107 annex B, formula B-4.
fn score(rating: f64) -> f64 {
    let curve = 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7.0e-6;
    // Below 6.5 the formula falls under its own floor.
    curve.max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of packets stay far below 2^53")]
fn share(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { (part as f64 / of as f64).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lost: u64, round_trip_ms: u64) -> VoiceQuality {
        VoiceQuality {
            received: 1000 - lost,
            lost,
            sent: 1000,
            round_trip_us: Some(round_trip_ms * 1000),
            ..VoiceQuality::default()
        }
    }

    #[test]
    fn a_clean_line_is_as_good_as_the_codec() {
        let mos = of(0, 0).mos();
        assert!((4.37..=4.41).contains(&mos), "{mos}");
        assert!(!of(0, 0).is_poor());
    }

    #[test]
    fn loss_and_delay_lower_the_score() {
        let scores = [of(0, 0), of(10, 0), of(50, 0), of(200, 0)].map(|it| it.mos());
        assert!(scores.is_sorted_by(|a, b| a > b), "{scores:?}");
        assert!((3.7..=4.1).contains(&scores[2]), "5 % loss: {}", scores[2]);
        assert!(of(200, 0).is_poor() && !of(10, 0).is_poor());
        // G.114: 400 ms one way is the most that is acceptable.
        assert!(of(0, 800).is_poor() && !of(0, 200).is_poor());
    }

    #[test]
    fn the_score_stays_on_its_scale() {
        let worst =
            VoiceQuality { lost: 1, round_trip_us: Some(u64::MAX / 2), ..Default::default() };
        assert!((worst.mos() - 1.0).abs() < 1e-9, "{}", worst.mos());
        assert!((VoiceQuality::default().loss()).abs() < 1e-9);
        assert_eq!(VoiceQuality::default().peer_mos(), None);
    }

    #[test]
    fn who_hears_badly_makes_the_leg_poor_though_he_is_heard_well() {
        let quality = VoiceQuality { lost_by_peer: 300, ..of(0, 10) };
        assert!(quality.mos() > 4.3 && quality.peer_mos().is_some_and(|mos| mos < 3.0));
        assert!(quality.is_poor());
    }
}

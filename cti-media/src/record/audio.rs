//! Reads recordings as WAV, whether they lie on the disk in clear or sealed, and from any place in them.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use cti_core::seal::Key;

use super::sealed::{MAGIC, Sealed, SealedError};

/// Bytes that can be read from any place; a file, or an object far away.
pub trait ReadAt: Send {
    /// Returns how many bytes there are.
    fn length(&self) -> u64;

    /// Fills the buffer from a place on.
    ///
    /// # Errors
    /// When there is less, or it cannot be read.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// A recording as a WAV file, of which any part can be read.
pub struct RecordedAudio {
    source: Box<dyn ReadAt>,
    sealed: Option<(Sealed, Vec<u8>)>,
    place: u64,
}

impl std::fmt::Debug for RecordedAudio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordedAudio").field("length", &self.length()).finish_non_exhaustive()
    }
}

/// An open file and its length.
struct OpenFile(File, u64);

impl ReadAt for OpenFile {
    fn length(&self) -> u64 {
        self.1
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.0.seek(SeekFrom::Start(offset))?;
        self.0.read_exact(buffer)
    }
}

impl RecordedAudio {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read, or is sealed and the key does not open it.
    pub fn open(path: &Path, key: Option<&Key>) -> Result<Self, SealedError> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Self::of(Box::new(OpenFile(file, length)), key)
    }

    /// Opens whatever holds the bytes of a recording.
    ///
    /// # Errors
    /// When it cannot be read, or is sealed and the key does not open it.
    pub fn of(mut source: Box<dyn ReadAt>, key: Option<&Key>) -> Result<Self, SealedError> {
        let mut magic = MAGIC;
        let is_long = source.length() >= magic.len() as u64;
        if is_long {
            source.read_at(0, &mut magic)?;
        }
        let sealed = if is_long && magic == MAGIC {
            let sealed = Sealed::open(source.as_mut(), key)?;
            let head = head(&sealed);
            Some((sealed, head))
        } else {
            None
        };
        Ok(Self { source, sealed, place: 0 })
    }

    /// Returns the length of the WAV file in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        match &self.sealed {
            Some((sealed, head)) => head.len() as u64 + sealed.audio,
            None => self.source.length(),
        }
    }

    /// Returns whether it lies there sealed.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.sealed.is_some()
    }

    /// Returns whether it was closed in good order; one in clear does not say otherwise.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.sealed.as_ref().is_none_or(|(sealed, _)| sealed.is_complete)
    }

    /// Returns `wanted` bytes of the WAV file from a place on, or as many as there are.
    ///
    /// # Errors
    /// When they cannot be read, or were changed.
    pub fn read_at(&mut self, offset: u64, wanted: usize) -> Result<Vec<u8>, SealedError> {
        let left = self.length().saturating_sub(offset);
        let wanted = wanted.min(usize::try_from(left).unwrap_or(usize::MAX));
        let Some((sealed, head)) = &self.sealed else {
            let mut bytes = vec![0; wanted];
            self.source.read_at(offset, &mut bytes)?;
            return Ok(bytes);
        };
        let of_head = usize::try_from(offset).ok().and_then(|from| head.get(from..)).unwrap_or(&[]);
        let mut bytes = of_head[..wanted.min(of_head.len())].to_vec();
        let from = (offset + bytes.len() as u64).saturating_sub(head.len() as u64);
        let wanted = wanted - bytes.len();
        bytes.extend(sealed.read(self.source.as_mut(), from, wanted)?);
        Ok(bytes)
    }
}

/// Returns the head of a WAV file with 16-bit samples.
fn head(sealed: &Sealed) -> Vec<u8> {
    let channels = u16::from(sealed.channels);
    let audio = u32::try_from(sealed.audio).unwrap_or(u32::MAX - 36);
    let frame = 2 * channels;
    let mut head = b"RIFF".to_vec();
    head.extend((36 + audio).to_le_bytes());
    head.extend(b"WAVEfmt ");
    head.extend(16_u32.to_le_bytes());
    head.extend(1_u16.to_le_bytes());
    head.extend(channels.to_le_bytes());
    head.extend(sealed.rate.to_le_bytes());
    head.extend((sealed.rate * u32::from(frame)).to_le_bytes());
    head.extend(frame.to_le_bytes());
    head.extend(16_u16.to_le_bytes());
    head.extend(b"data");
    head.extend(audio.to_le_bytes());
    head
}

impl Read for RecordedAudio {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.read_at(self.place, buffer.len()).map_err(io::Error::other)?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        self.place += bytes.len() as u64;
        Ok(bytes.len())
    }
}

impl Seek for RecordedAudio {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.length().checked_add_signed(by),
            SeekFrom::Current(by) => self.place.checked_add_signed(by),
        };
        self.place = place.ok_or_else(|| io::Error::other("a place before the beginning"))?;
        Ok(self.place)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::record::sealed::SealedWriter;

    fn key(byte: u8) -> Key {
        Key::from_bytes([byte; Key::LENGTH])
    }

    fn samples(count: usize) -> impl Iterator<Item = i16> {
        (0..count).map(|n| (n as i16).wrapping_mul(77))
    }

    fn sealed(count: usize) -> Vec<u8> {
        let mut writer = SealedWriter::new(Vec::new(), &key(1), 8000, 2).unwrap();
        for chunk in samples(count).collect::<Vec<_>>().chunks(700) {
            writer.append(chunk.iter().copied()).unwrap();
        }
        writer.finish().unwrap()
    }

    fn audio(bytes: &[u8], key: &Key) -> Result<RecordedAudio, SealedError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording-1.wav.sealed");
        fs::write(&path, bytes).unwrap();
        RecordedAudio::open(&path, Some(key))
    }

    fn plain(count: usize) -> Vec<u8> {
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut out = io::Cursor::new(Vec::new());
        let mut wav = hound::WavWriter::new(&mut out, spec).unwrap();
        samples(count).for_each(|sample| wav.write_sample(sample).unwrap());
        wav.finalize().unwrap();
        out.into_inner()
    }

    #[test]
    fn a_sealed_recording_reads_as_the_wav_file_it_would_be_in_clear_from_any_place() {
        for count in [0, 2, 512, 514, 1024, 5000] {
            let mut audio = audio(&sealed(count), &key(1)).unwrap();
            let wav = plain(count);
            assert_eq!((audio.length(), audio.is_complete()), (wav.len() as u64, true), "{count}");
            assert_eq!(audio.read_at(0, usize::MAX).unwrap(), wav);
            for (from, wanted) in [(0, 44), (40, 10), (43, 2000), (1068, 1), (1067, 1026), (900, 0)]
            {
                let end = wav.len().min(from + wanted);
                let expected = wav.get(from..end).unwrap_or_default();
                assert_eq!(audio.read_at(from as u64, wanted).unwrap(), expected, "{count} {from}");
            }
            assert_eq!(hound::WavReader::new(audio).unwrap().duration() as usize, count / 2);
        }
    }

    #[test]
    fn nothing_of_the_voice_is_on_the_disk() {
        let bytes = sealed(5000);
        let clear: Vec<u8> = samples(5000).flat_map(i16::to_le_bytes).collect();
        let found = bytes.windows(8).any(|part| clear.chunks(8).any(|known| known == part));
        assert!(!found);
    }

    #[test]
    fn wherever_a_file_is_cut_what_was_written_before_is_played() {
        let bytes = sealed(2000);
        let wav = plain(2000);
        let head = 8 + 8 + 4 + 1 + 24 + 48 + 19;
        for cut in head..bytes.len() {
            let mut audio = audio(&bytes[..cut], &key(1)).unwrap();
            assert!(!audio.is_complete(), "{cut}");
            let whole = (cut - head) / 1040 * 1024;
            assert_eq!(audio.length(), 44 + whole as u64, "{cut}");
            assert_eq!(audio.read_at(44, usize::MAX).unwrap(), wav[44..44 + whole]);
        }
        assert!(matches!(audio(&bytes[..head - 1], &key(1)), Err(SealedError::Damaged { .. })));
    }

    #[test]
    fn a_changed_byte_a_missing_box_and_another_key_are_found_out() {
        let bytes = sealed(2000);
        let head = 112;
        for at in [20, 30, 60, 105, head + 5, head + 1040] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let read = audio(&changed, &key(1)).and_then(|mut it| it.read_at(0, usize::MAX));
            assert!(matches!(read, Err(SealedError::Damaged { .. })), "{at}: {read:?}");
        }
        let mut without = bytes.clone();
        without.drain(head..head + 1040);
        assert!(audio(&without, &key(1)).and_then(|mut it| it.read_at(0, usize::MAX)).is_err());
        let mut end = bytes.clone();
        *end.last_mut().unwrap() ^= 1;
        assert!(!audio(&end, &key(1)).unwrap().is_complete(), "it is as if it were cut there");
        assert!(matches!(audio(&bytes, &key(2)), Err(SealedError::OtherKey { .. })));
    }

    #[test]
    fn a_file_in_clear_is_read_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording-1.wav");
        fs::write(&path, plain(100)).unwrap();
        let mut audio = RecordedAudio::open(&path, None).unwrap();
        assert!(!audio.is_sealed());
        assert_eq!(audio.read_at(44, 4).unwrap(), plain(100)[44..48]);
        fs::write(&path, sealed(100)).unwrap();
        assert!(matches!(RecordedAudio::open(&path, None), Err(SealedError::NoKey)));
    }
}

//! The ciphers and hashes that str0m asks for, by RustCrypto: pure Rust, so that nothing but cargo is needed.

use std::{fmt, sync::Arc, time::Instant};

use aes::cipher::{BlockCipherEncrypt as _, InnerIvInit as _, KeyInit as _, StreamCipher as _};
use aes_gcm::aead::{Aead as _, Payload};
use ctr::CtrCore;
use hmac::{Hmac, Mac as _};
use sha2::Digest as _;
use str0m::crypto::{
    AeadAes128GcmCipher, AeadAes256GcmCipher, Aes128CmSha1_80Cipher, CryptoError, CryptoProvider,
    Sha1HmacProvider, Sha1Provider, Sha256Provider, SrtpProvider, SupportedAeadAes128Gcm,
    SupportedAeadAes256Gcm, SupportedAes128CmSha1_80,
    dtls::{
        DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion,
        ProtocolVersion,
    },
};

/// Returns the provider of all of them.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider {
        srtp_provider: &Ciphers,
        sha1_hmac_provider: &Hashes,
        sha1_provider: &Hashes,
        sha256_provider: &Hashes,
        dtls_provider: &Handshakes,
    }
}

#[derive(Debug)]
struct Hashes;

impl Sha1HmacProvider for Hashes {
    fn sha1_hmac(&self, key: &[u8], payloads: &[&[u8]]) -> [u8; 20] {
        let mut mac =
            Hmac::<sha1::Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
        payloads.iter().for_each(|payload| mac.update(payload));
        mac.finalize().into_bytes().into()
    }
}

impl Sha1Provider for Hashes {
    fn sha1(&self, data: &[u8]) -> [u8; 20] {
        sha1::Sha1::digest(data).into()
    }
}

impl Sha256Provider for Hashes {
    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        sha2::Sha256::digest(data).into()
    }
}

#[derive(Debug)]
struct Ciphers;

impl SrtpProvider for Ciphers {
    fn aes_128_cm_sha1_80(&self) -> &'static dyn SupportedAes128CmSha1_80 {
        &Self
    }

    fn aead_aes_128_gcm(&self) -> &'static dyn SupportedAeadAes128Gcm {
        &Self
    }

    fn aead_aes_256_gcm(&self) -> &'static dyn SupportedAeadAes256Gcm {
        &Self
    }

    fn srtp_aes_128_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        let cipher = aes::Aes128::new_from_slice(key).expect("str0m gives keys of 16 bytes");
        one_block(input, output, |block| cipher.encrypt_block(block));
    }

    fn srtp_aes_256_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        let cipher = aes::Aes256::new_from_slice(key).expect("str0m gives keys of 32 bytes");
        one_block(input, output, |block| cipher.encrypt_block(block));
    }
}

fn one_block(input: &[u8], output: &mut [u8], encrypt: impl Fn(&mut aes::Block)) {
    let mut block = aes::Block::try_from(input).expect("str0m gives one block");
    encrypt(&mut block);
    output[..16].copy_from_slice(&block);
}

impl SupportedAes128CmSha1_80 for Ciphers {
    fn create_cipher(&self, key: [u8; 16], _: bool) -> Box<dyn Aes128CmSha1_80Cipher> {
        Box::new(Counter(aes::Aes128::new(&key.into())))
    }
}

impl SupportedAeadAes128Gcm for Ciphers {
    fn create_cipher(&self, key: [u8; 16], _: bool) -> Box<dyn AeadAes128GcmCipher> {
        Box::new(Gcm(aes_gcm::Aes128Gcm::new(&key.into())))
    }
}

impl SupportedAeadAes256Gcm for Ciphers {
    fn create_cipher(&self, key: [u8; 32], _: bool) -> Box<dyn AeadAes256GcmCipher> {
        Box::new(Gcm(aes_gcm::Aes256Gcm::new(&key.into())))
    }
}

/// AES in counter mode; encrypting and decrypting are the same.
struct Counter(aes::Aes128);

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counter")
    }
}

impl Counter {
    fn apply(&self, iv: &[u8; 16], input: &[u8], output: &mut [u8]) {
        let core =
            CtrCore::<_, ctr::flavors::Ctr128BE>::inner_iv_init(self.0.clone(), &(*iv).into());
        let mut stream = ctr::cipher::StreamCipherCoreWrapper::from_core(core);
        let output = &mut output[..input.len()];
        output.copy_from_slice(input);
        stream.apply_keystream(output);
    }
}

impl Aes128CmSha1_80Cipher for Counter {
    fn encrypt(&mut self, iv: &[u8; 16], from: &[u8], to: &mut [u8]) -> Result<(), CryptoError> {
        self.apply(iv, from, to);
        Ok(())
    }

    fn decrypt(&mut self, iv: &[u8; 16], from: &[u8], to: &mut [u8]) -> Result<(), CryptoError> {
        self.apply(iv, from, to);
        Ok(())
    }
}

/// AES in Galois/counter mode.
struct Gcm<C>(C);

impl<C> fmt::Debug for Gcm<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gcm")
    }
}

macro_rules! gcm {
    ($cipher:ty, $face:ty) => {
        impl $face for Gcm<$cipher> {
            fn encrypt(
                &mut self,
                iv: &[u8; 12],
                aad: &[u8],
                input: &[u8],
                output: &mut [u8],
            ) -> Result<(), CryptoError> {
                let sealed = self.0.encrypt(&(*iv).into(), Payload { msg: input, aad });
                let sealed = sealed.map_err(|_| CryptoError::Other(String::from("AES-GCM")))?;
                output[..sealed.len()].copy_from_slice(&sealed);
                Ok(())
            }

            fn decrypt(
                &mut self,
                iv: &[u8; 12],
                aads: &[&[u8]],
                input: &[u8],
                output: &mut [u8],
            ) -> Result<usize, CryptoError> {
                let aad = aads.concat();
                let opened = self.0.decrypt(&(*iv).into(), Payload { msg: input, aad: &aad });
                let opened = opened.map_err(|_| CryptoError::Other(String::from("AES-GCM")))?;
                output[..opened.len()].copy_from_slice(&opened);
                Ok(opened.len())
            }
        }
    };
}

gcm!(aes_gcm::Aes128Gcm, AeadAes128GcmCipher);
gcm!(aes_gcm::Aes256Gcm, AeadAes256GcmCipher);

#[derive(Debug)]
struct Handshakes;

impl DtlsProvider for Handshakes {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        // Every peer is given the one of its engine.
        None
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        // ICE has shown that the peer receives at its address; no cookie is needed for that.
        let mut config = dimpl::Config::builder().use_server_cookie(false);
        if let Some(mtu) = mtu {
            config = config.mtu(mtu);
        }
        let config = config.build().map_err(|error| CryptoError::Other(error.to_string()))?;
        let (config, cert) = (Arc::new(config), cert.clone());
        let dtls = match version {
            DtlsVersion::Dtls12 => dimpl::Dtls::new_12(config, cert, now),
            DtlsVersion::Dtls13 => dimpl::Dtls::new_13(config, cert, now),
            DtlsVersion::Auto | _ => dimpl::Dtls::new_auto(config, cert, now),
        };
        Ok(Box::new(Handshake(dtls)))
    }
}

struct Handshake(dimpl::Dtls);

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handshake")
    }
}

impl DtlsInstance for Handshake {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        self.0.poll_output(buffer)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.0.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}

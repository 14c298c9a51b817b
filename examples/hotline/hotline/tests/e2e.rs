//! End-to-end tests of the built binary: real sockets, sipp as phones, real RTP, a browser.
//!
//! They run under their own profile, one at a time: `HOTLINE_E2E=1 cargo nextest run -p hotline --profile e2e`.

#[cfg(test)]
mod e2e {
    #[expect(dead_code, reason = "the kit holds more than these tests use")]
    mod support;

    mod browser;
    mod crash;
    mod flows;
    mod load;
    mod menu;
    mod night;
    mod outside;
    mod peers;
    mod seats;
    mod secure;
    mod stops;
    mod talk;
    mod web_phone;
    mod wrong;
}

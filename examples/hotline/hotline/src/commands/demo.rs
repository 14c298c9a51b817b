//! `hotline demo`: a complete demonstration city on this machine.

use std::io::Write as _;

use hotline_store::{
    demo::{DemoConfig, seed_demo},
    password::PasswordHasher,
};

use super::{
    ServeArgs,
    serve::{start_log, until_stopped},
};
use crate::{
    assets,
    config::Config,
    server::{Server, StartError, open_store},
};

pub(super) async fn run(args: ServeArgs) -> Result<(), StartError> {
    let mut config = match &args.config {
        Some(file) => Config::load(file)?,
        None => Config::parse("demo.toml", assets::DEMO_TOML)?,
    };
    args.apply(&mut config)?;
    // Known passwords must not be reachable from anywhere else.
    let listeners = config.sip.listeners.iter().map(|it| ("sip.listeners", it.bind));
    let addresses = [("--http", config.http.listen), ("--sip", config.sip.listen)];
    for (flag, address) in addresses.into_iter().chain(listeners) {
        if !address.ip().is_loopback() {
            return Err(format!(
                "{flag} {address}: the demonstration has known passwords and stays on loopback"
            )
            .into());
        }
    }
    start_log("warn,hotline=info");
    let (store, lock) = open_store(&config).await?;
    assets::lay_out_demo(&config)
        .map_err(|error| format!("data folder {}: {error}", config.data.display()))?;
    let demo = DemoConfig {
        sip_realm: config.sip.domain.clone(),
        queues: config.queue_plan().into_iter().map(|queue| queue.id).collect(),
        hasher: PasswordHasher::default(),
    };
    seed_demo(&store, &demo).await?;
    let server = Server::start(&config, store, lock, args.record_trace.as_deref()).await?;
    let welcome = welcome(&server, &config);
    // Nobody reads it when standard output is closed, and calls are served all the same.
    let _ = std::io::stdout().write_all(welcome.as_bytes());
    until_stopped(server, &config).await
}

fn welcome(server: &Server, config: &Config) -> String {
    let sip = config.sip.listen;
    let mut numbers = String::new();
    for entry in config.number_plan() {
        numbers += &format!("    {:<8} {}\n", entry.number.reveal(), entry.name);
    }
    format!(
        "
12345 热线演示城市已启动 / the demonstration city is up

  网页 web       {url}
  网页电话 call  {url}call — dial 12345 from the browser, nothing to install
  话机 SIP       {sip} (UDP, TCP), domain {domain}
  数据 data      {data}

  坐席 agents    8001 … 8016    password demo8001 … demo8016 (web and SIP alike), seats A01 … A16
  班长 supervisor 8000          password demo8000, seat A00
  管理员 admin   admin          password demoadmin

  拨号 numbers to dial
{numbers}
  没有话机 without a phone
    Open {url}call and press the button; to answer it, sign in to {url} as 8001 and switch on the telephone beside the
    bell (8001 / demo8001), take seat A01 and be ready.

  先试试 try first
    1. Register a SIP phone as 8001 (password demo8001) at {sip}.
    2. Dial *118001 to sign in at seat A01 (or sign in on the web page), then *13 to be ready.
    3. From a second, unregistered phone call sip:12345@{sip}: greeting, recording notice, queue — and 8001 rings.
    4. Sign in to {url} as 8001 / demo8001: see the call, hear its recording, file a ticket.

  Ctrl-C lets calls finish; a second Ctrl-C ends them.
",
        url = server.http.url(),
        domain = config.sip.domain,
        data = config.data.display(),
    )
}

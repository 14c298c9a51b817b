//! A running hotline: store, prompts, switch, Center, records and HTTP, put together and taken down again.

use std::{
    fs,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use cti_bindings::centre::{Centre, runtime::RuntimeCentre};
use cti_core::{
    center::{Center, Input},
    command::Command,
    config::{CenterConfig, PromptsConfig},
    event::AlarmKind,
    id::{DeviceId, EventNo, LegId, RecordingId},
    journal::file::{self, FileJournal},
    numbers::MobilePrefixes,
    runtime::{self, Handle},
    seal::Key,
    speech::{Recognizer, Synthesizer},
    switch::{Switch, SwitchReport},
    time::Timestamp,
};
use cti_media::{
    engine::MediaConfig,
    sip::{SipConfig, TrustedPeer},
    switch::{
        freeswitch::FreeSwitch,
        native::{DeviceConfig, NativeConfig, NativeSwitch, TrunkConfig},
        remote::RemoteDevice,
    },
};
use hotline_store::{
    directory::DirectoryStore as _,
    erasure::ErasureStore,
    follow,
    projection::ProjectionStore,
    sqlite::{SqliteStore, StoreConfig},
};
use tokio::sync::watch;

use crate::{
    accounts::AccountTable,
    app, bindings_file,
    calendar::LiveCalendar,
    call_log, certificates,
    config::{Config, SwitchKind, Trunk},
    erasure::Eraser,
    flows::{self, Desk},
    http::{self, HttpServer},
    line::{self, Line},
    modules::{self, Modules},
    parts::Parts,
    phone_book::KeptPhoneBook,
    prompts::Shelf,
    recognizers::{self, Recognizers},
    recordings::{self, Finished, Mover, Vault},
    routing::{self, Recorded, Rules},
    seal,
    services::Services,
    speech::{self, Speech},
    tables::Tables,
};

/// The program's version, as the log and the status page name it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The zone that days and the times people see are counted in.
pub const ZONE: &str = "Asia/Shanghai";

/// The table of where mobile telephones are at home, in the data folder.
const MOBILES: &str = "mobiles.csv";

/// The folder of recordings, in the data folder.
const RECORDINGS: &str = "recordings";

/// Why a hotline could not start: one line for the administrator.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// Where everything lies below the data folder.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The data folder.
    pub data: PathBuf,
    /// Prompts.
    pub prompts: PathBuf,
    /// Flows.
    pub flows: PathBuf,
    /// Tables.
    pub tables: PathBuf,
    /// Calendar.
    pub calendar: PathBuf,
}

impl Layout {
    /// Returns where a configuration keeps things.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let below = |chosen: &Option<PathBuf>, name: &str| {
            chosen.clone().unwrap_or_else(|| config.data.join(name))
        };
        Self {
            data: config.data.clone(),
            prompts: below(&config.prompts, "prompts"),
            flows: below(&config.flows, "flows"),
            tables: below(&config.tables, "tables"),
            calendar: below(&config.calendar, "calendar"),
        }
    }
}

/// A hotline that serves.
#[derive(Debug)]
pub struct Server {
    /// The Center.
    pub handle: Handle,
    /// The switch.
    pub line: Line,
    /// Where the page is.
    pub http: HttpServer,
    /// The modules that have registered.
    pub modules: Arc<Modules>,
    draining: Arc<AtomicBool>,
    store: Arc<SqliteStore>,
    applied: watch::Receiver<EventNo>,
    data: PathBuf,
    _lock: fs::File,
}

/// Reads what the Center is made of, from the directory in the store and the files of the configuration.
///
/// # Errors
/// When a part cannot be read or contradicts another.
pub async fn read_parts(config: &Config, store: &SqliteStore) -> Result<Parts, StartError> {
    let layout = Layout::new(config);
    let center = CenterConfig {
        agents: store.agents().await?,
        seats: store.seats().await?,
        queues: routing::queues(&layout.data, config.queue_plan())?,
        numbers: config.number_plan(),
        trunks: config.trunk_plans(),
        devices: config.devices.clone(),
        outside: config.outside.clone(),
        times: config.times.clone(),
        prompts: PromptsConfig::default(),
        numbering: config.numbering.clone(),
        mailboxes: config.mailboxes.clone(),
        refuse_listed: config.refuse_listed,
        recording: config.recording.choice(),
    };
    let rules = routing::read(&layout.data, config.routing())?;
    Ok(Parts::read(center, rules, &layout.flows, &layout.calendar)?)
}

/// Opens the store of the data folder and makes sure that no other process serves it.
///
/// # Errors
/// When the folder cannot be used or is in use, or the key of recordings cannot be read.
pub async fn open_store(config: &Config) -> Result<(Arc<SqliteStore>, fs::File), StartError> {
    let data = config.data.as_path();
    let say = |error: std::io::Error| format!("data folder {}: {error}", data.display());
    fs::create_dir_all(data).map_err(say)?;
    let lock = fs::File::create(data.join("lock")).map_err(say)?;
    if lock.try_lock().is_err() {
        return Err(format!("data folder {} is used by another process", data.display()).into());
    }
    let vault = vault(config)?;
    let store = StoreConfig { recordings: Arc::new(vault), ..StoreConfig::in_folder(data) };
    Ok((Arc::new(SqliteStore::open(store).await?), lock))
}

/// Returns where recordings lie.
fn vault(config: &Config) -> Result<Vault, StartError> {
    let vault = Vault::new(config.data.join(RECORDINGS), recording_key(config)?);
    Ok(match &config.recording.target {
        Some(target) => vault.with_target(target.open()?),
        None => vault,
    })
}

/// Reads the key that recordings are sealed with.
fn recording_key(config: &Config) -> Result<Option<Key>, StartError> {
    Ok(config.recording.key.as_deref().map(seal::read_key).transpose()?)
}

impl Server {
    /// Starts everything; when it returns, calls and browsers are served.
    ///
    /// # Errors
    /// When a part cannot be read or a port is taken; one line that names it.
    pub async fn start(
        config: &Config,
        store: Arc<SqliteStore>,
        lock: fs::File,
        trace: Option<&Path>,
    ) -> Result<Self, StartError> {
        let layout = Layout::new(config);
        let parts = read_parts(config, &store).await?;
        let voices = Arc::new(Speech::open(&config.speech)?);
        let recognizers = Arc::new(Recognizers::open(&config.speech)?);
        for warning in voices.warnings() {
            tracing::warn!("{warning}");
        }
        let shelf = Shelf::load(&layout.prompts, &config.speech.set, Arc::clone(&voices))?;
        let clips = shelf.clips();
        let tables = Arc::new(Tables::load(&layout.tables)?);
        parts.check(|prompt| clips.clip(prompt).is_ok(), |table| tables.has(table))?;
        let services = Arc::new(Services::open(config, Arc::clone(&tables)).await?);
        parts.check_services(&services)?;
        let names = (
            services.endpoints().map(str::to_owned).collect(),
            services.queries().map(str::to_owned).collect(),
        );
        let calendars = parts.calendars()?;
        let mut center = parts.build_with(Box::new(parts.router(&calendars)?), &calendars)?;
        let mobiles = layout.data.join(MOBILES);
        if mobiles.exists() {
            center = center.with_mobiles(load_mobiles(&mobiles)?);
        }

        let journal_folder = layout.data.join("journal");
        let keys = seal::open_keys(&layout.data, config.journal.key.as_deref())?;
        let mut journal = FileJournal::open_with(&journal_folder, seal::codec(keys.as_ref()))?;
        let events = runtime::recover(&mut center, &mut journal)?;
        if events > 0 {
            tracing::info!(events, "Took up the log of the last run");
        }

        let recording_key = recording_key(config)?;
        let left_open = open_recordings(&center);
        let silent = center.alarms().filter_map(|(_, kind)| speech::silent(kind)).collect();
        let fallen = center.alarms().filter_map(|(_, kind)| modules::failed(kind)).collect();
        let deaf = center.alarms().filter_map(|(_, kind)| recognizers::deaf(kind)).collect();
        let years: Vec<i16> = center.alarms().filter_map(|(_, kind)| no_holidays(kind)).collect();
        if let Some(rules) = center.number_rules() {
            store
                .renumber_tickets(|number| rules.normalize(number.reveal()).number().clone())
                .await?;
        }
        let known = center.last_event();
        let first_leg = center.first_switch_leg();
        let accounts = AccountTable::new(store.sip_accounts().await?, &config.sip.domain);
        let (switch, line): (Box<dyn Switch>, Line) = match config.switch.kind {
            SwitchKind::Native => {
                let settings =
                    native(config, &layout, &accounts, first_leg, recording_key.clone())?;
                let started = NativeSwitch::start(settings, Arc::new(accounts), clips).await?;
                let switch =
                    started.0.with_synthesizer(Arc::clone(&voices) as Arc<dyn Synthesizer>);
                let switch =
                    switch.with_recognizer(Arc::clone(&recognizers) as Arc<dyn Recognizer>);
                (Box::new(switch), Line::Native(started.1))
            }
            SwitchKind::FreeSwitch => {
                let (prompts, recordings) = (&layout.prompts, layout.data.join(RECORDINGS));
                let devices = remote_devices(&accounts);
                let settings = config.freeswitch(devices, prompts, recordings, ZONE, first_leg)?;
                let (switch, control) = FreeSwitch::start(settings)?;
                (Box::new(switch), Line::Remote(control))
            }
        };
        let listener = http::bind(config)?;

        let trace = trace.map(|path| open_trace(path, &parts)).transpose()?;
        let handle = runtime::spawn(
            center,
            runtime::Parts {
                switch,
                journal: Box::new(journal),
                lookup: services,
                version: VERSION.to_owned(),
                trace,
            },
        );
        flows::publish_folder(&handle, &parts).await?;
        let desk = Desk::new(handle.clone(), &parts, &tables, &names, shelf.clone());
        let desk = Arc::new(desk);
        for (recording, started) in left_open {
            let folder = layout.data.join(RECORDINGS);
            let key = recording_key.as_ref();
            let end = NativeSwitch::recover_recording(&folder, ZONE, recording, started, key);
            let report = SwitchReport::RecordingEnded { recording, end };
            handle.input(Input::Report(report)).await?;
        }

        let centre: Arc<dyn Centre> = Arc::new(RuntimeCentre::new(
            handle.clone(),
            Arc::new({
                let keys = keys.clone();
                move |after| {
                    let mut codec = seal::codec(keys.as_ref());
                    file::read_durable_with(&journal_folder, after, codec.as_mut())
                }
            }),
        ));
        let modules = Modules::new(Arc::clone(&centre), fallen);
        modules.run("call_log", call_log::follow(Arc::clone(&centre), known));
        watch_journal(&modules, handle.journal_failure());
        let (applied_sender, applied) = watch::channel(store.last_applied().await?);
        keep_records(&modules, Arc::clone(&centre), store.clone(), applied_sender);
        if let Some(days) = config.recording.keep_days {
            let module = modules.register("recording_expiry");
            spawn(recordings::expire(Arc::clone(&store), Arc::clone(&centre), days, module));
        }
        keep_recordings(config, &modules, &store)?;
        let recorded = recorded_day(&layout.data, keys.clone(), applied.clone());
        if let Some(control) = line.native() {
            let module = modules.register("registrations");
            spawn(bindings_file::keep(control.clone(), layout.data.join("bindings.json"), module));
        } else {
            spawn(line::watch(line.clone(), modules.register("switch")));
        }
        let calendar = LiveCalendar::new(calendars, &layout.calendar, Arc::clone(&centre));
        let calendar = Arc::new(calendar);
        modules.run("calendar", Arc::clone(&calendar).watch(years));
        let rules = Rules::new(&layout.data, Arc::clone(&calendar), recorded);
        let module =
            |is_there: bool, name| is_there.then(|| modules.register_with_own_alarms(name));
        let module_of_voices = module(!voices.is_empty(), "speech");
        voices.watch(Arc::clone(&centre), silent, module_of_voices);
        let module_of_ears = module(!recognizers.is_empty(), "recognition");
        recognizers.watch(Arc::clone(&centre), deaf, module_of_ears);
        let erasure = Arc::new(Eraser {
            centre: Arc::clone(&centre),
            store: Arc::clone(&store) as Arc<dyn ErasureStore>,
            recordings: store.audio(),
            keys,
        });
        let draining = Arc::new(AtomicBool::new(false));
        let inside = app::Inside {
            centre,
            store: Arc::clone(&store),
            line: line.clone(),
            draining: Arc::clone(&draining),
            rules: Arc::new(rules),
            erasure,
            calendar,
            phone_book: Arc::new(KeptPhoneBook::open(&layout.data)?),
            flows: desk,
            prompts: shelf,
            modules: Arc::clone(&modules),
            journal_failure: handle.journal_failure(),
        };
        let app = app::router(config, parts.center, &layout.data, inside)?;
        let http = http::serve(listener, config, app).await?;
        certificates::watch(config, line.native().cloned(), http.tls(), &modules);
        Ok(Self {
            handle,
            line,
            http,
            modules,
            draining,
            store,
            applied,
            data: layout.data,
            _lock: lock,
        })
    }

    /// Refuses new calls, waits until the last one has ended or `limit` is over, or `cut` completes, then ends what is
    /// left with BYE and closes everything.
    pub async fn stop(self, limit: Duration, cut: impl Future<Output = ()>) {
        self.draining.store(true, Ordering::Relaxed);
        let _ = self.handle.request(Command::Drain { on: true }).await;
        self.line.drain();
        let calls_over = async {
            while self.live_calls().await > 0 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::select! {
            () = calls_over => {}
            () = tokio::time::sleep(limit) => tracing::warn!("The limit for draining is over; calls are ended"),
            () = cut => tracing::warn!("Calls are ended"),
        }
        let _ = self.handle.request(Command::ClearAll).await;
        // Legs say good-bye and recordings are closed; neither takes long.
        let closed = async {
            while self.line.live_legs() > 0 || self.open_recordings().await > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(5), closed).await.is_err() {
            tracing::warn!("Some legs or recordings did not close in time");
        }
        if let Some(control) = self.line.native() {
            bindings_file::save(control, &self.data.join("bindings.json")).await;
        }
        let last = self.handle.inspect(Center::last_event).await.unwrap_or_default();
        self.http.stop().await;
        self.handle.stop().await;
        let mut applied = self.applied;
        let recorded = applied.wait_for(|applied| *applied >= last);
        if tokio::time::timeout(Duration::from_secs(5), recorded).await.is_err() {
            tracing::warn!("Some records are written at the next start");
        }
        self.store.close().await;
    }

    /// Waits until the Center serves no more without having been told to.
    pub async fn broken(&self) {
        self.handle.stopped().await;
    }

    async fn live_calls(&self) -> usize {
        self.handle.inspect(|center| center.calls().count()).await.unwrap_or(0)
    }

    async fn open_recordings(&self) -> usize {
        self.handle.inspect(|center| center.open_recordings().count()).await.unwrap_or(0)
    }
}

/// The settings of the built-in switch.
fn native(
    config: &Config,
    layout: &Layout,
    accounts: &AccountTable,
    first_leg: LegId,
    recording_key: Option<Key>,
) -> Result<NativeConfig, StartError> {
    let devices = accounts
        .devices()
        .map(|(device, account)| DeviceConfig {
            srtp: config.sip.srtp,
            ..DeviceConfig::registering(device.clone(), account)
        })
        .collect();
    let (networks, sides) = config.voice()?;
    Ok(NativeConfig {
        sip: sip_config(config, &layout.data)?,
        media: MediaConfig { listeners: networks, recording_key, ..MediaConfig::default() },
        sides,
        recordings: layout.data.join(RECORDINGS),
        keep_free: config.recording.keep_free(),
        time_zone: ZONE.to_owned(),
        first_leg,
        devices,
        trunks: trunks(config)?,
    })
}

/// The devices of the directory and their accounts, for a switch that has its own registrar.
#[must_use]
pub fn remote_devices(accounts: &AccountTable) -> Vec<RemoteDevice> {
    let device = |(device, account): (&DeviceId, &str)| RemoteDevice {
        device: device.clone(),
        account: account.to_owned(),
    };
    accounts.devices().map(device).collect()
}

/// Keeps the records up with the log for as long as the Center runs.
fn keep_records(
    modules: &Arc<Modules>,
    centre: Arc<dyn Centre>,
    store: Arc<dyn ProjectionStore>,
    applied: watch::Sender<EventNo>,
) {
    let module = modules.register("records");
    spawn(follow::follow(centre, store, applied, move |failure| module.tell(failure)));
}

/// Tells how the journal is for as long as the Center runs.
fn watch_journal(modules: &Arc<Modules>, mut failure: watch::Receiver<Option<String>>) {
    let module = modules.register("journal");
    spawn(async move {
        while failure.changed().await.is_ok() {
            let now = failure.borrow_and_update().clone();
            module.tell(now);
        }
    });
}

/// Moves recordings and looks after their space for as long as the program runs.
fn keep_recordings(
    config: &Config,
    modules: &Arc<Modules>,
    store: &Arc<SqliteStore>,
) -> Result<(), StartError> {
    let kept = vault(config)?;
    if kept.has_target() {
        let mover = Mover::new(kept, Arc::clone(store) as Arc<dyn Finished>);
        spawn(mover.work(modules.register("recording_target")));
    }
    let (folder, least) = (config.data.join(RECORDINGS), config.recording.keep_free());
    if least > 0 {
        spawn(recordings::watch_space(folder, least, modules.register("recording_space")));
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "this wires the drivers")]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

/// Reads the last 24 hours of the log, of a million events at most.
fn recorded_day(
    data: &Path,
    keys: Option<seal::Keys>,
    applied: watch::Receiver<EventNo>,
) -> Recorded {
    const MOST: u64 = 1_000_000;
    let journal = data.join("journal");
    Arc::new(move || {
        let after = EventNo(applied.borrow().0.saturating_sub(MOST));
        let mut codec = seal::codec(keys.as_ref());
        let events = file::read_durable_with(&journal, after, codec.as_mut());
        let mut events = events.map_err(std::io::Error::other)?;
        routing::last_of(&mut events, Duration::from_secs(24 * 3600));
        Ok(events)
    })
}

/// Reads the table of where mobile telephones are at home.
fn load_mobiles(file: &Path) -> Result<Arc<MobilePrefixes>, StartError> {
    let (mobiles, report) = MobilePrefixes::import(&fs::read(file)?);
    match report.errors.first() {
        Some(error) => Err(format!("{}: {error}", file.display()).into()),
        None => Ok(Arc::new(mobiles)),
    }
}

fn no_holidays(kind: &AlarmKind) -> Option<i16> {
    let AlarmKind::NoHolidays { year } = kind else { return None };
    Some(*year)
}

fn open_recordings(center: &Center) -> Vec<(RecordingId, Timestamp)> {
    center.open_recordings().map(|(id, recording)| (id, recording.started)).collect()
}

fn sip_config(config: &Config, data: &Path) -> Result<SipConfig, StartError> {
    let mut trusted = Vec::new();
    for network in &config.sip.trusted {
        let (address, prefix) = network.parse()?;
        trusted.push(TrustedPeer { trunk: network.trunk.clone(), network: address, prefix });
    }
    Ok(SipConfig {
        listeners: config.sip_listeners()?,
        domain: config.sip.domain.clone(),
        trusted,
        gateways: config.gateways()?,
        tls: config.sip_tls(),
        guests: config.sip_guests(),
        restore: bindings_file::load(&data.join("bindings.json")),
        ..SipConfig::default()
    })
}

fn trunks(config: &Config) -> Result<Vec<TrunkConfig>, StartError> {
    let trunk = |it: &Trunk| {
        Ok(TrunkConfig {
            trunk: it.trunk.clone(),
            listener: config.listener_of(it)?,
            srtp: it.srtp,
        })
    };
    config.sip.trunks.iter().map(trunk).collect()
}

fn open_trace(
    path: &Path,
    parts: &Parts,
) -> Result<(Box<dyn Write + Send>, serde_json::Value), StartError> {
    let file =
        fs::File::create(path).map_err(|error| format!("trace {}: {error}", path.display()))?;
    Ok((Box::new(BufWriter::new(file)), serde_json::to_value(parts)?))
}

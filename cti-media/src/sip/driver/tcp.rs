//! TCP connections: one reading and one writing half each, with bounded queues.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::AbortHandle,
};

use super::Patience;
use crate::sip::{
    SipConfig, SipStats,
    engine::Input,
    flow::{ConnectionId, Flow},
    stream::{Frame, Framer},
};

/// Messages that may wait for a slow peer; beyond it the connection is closed.
const WAITING: usize = 256;

/// How long a peer may take to accept a connection of ours (64·T1).
const CONNECT: Duration = Duration::from_secs(32);

/// All TCP connections and listeners.
pub(super) struct Connections {
    shared: Arc<Shared>,
    listeners: Vec<AbortHandle>,
    /// The listener whose address our own connections stand for.
    first_listener: Option<usize>,
}

struct Shared {
    inputs: mpsc::Sender<Input>,
    ids: Arc<AtomicU64>,
    stats: Arc<SipStats>,
    patience: Patience,
    max_message: usize,
    max_total: usize,
    max_per_source: usize,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    open: HashMap<ConnectionId, Entry>,
    per_source: HashMap<IpAddr, usize>,
}

struct Entry {
    queue: mpsc::Sender<Bytes>,
    task: Option<AbortHandle>,
    source: IpAddr,
}

impl Connections {
    pub(super) fn new(
        config: &SipConfig,
        inputs: mpsc::Sender<Input>,
        ids: Arc<AtomicU64>,
        stats: Arc<SipStats>,
    ) -> Self {
        let shared = Shared {
            inputs,
            ids,
            stats,
            patience: Patience { message: config.message_timeout, idle: config.idle_timeout },
            max_message: config.max_message,
            max_total: config.max_connections,
            max_per_source: config.max_connections_per_source,
            table: Mutex::default(),
        };
        Self { shared: Arc::new(shared), listeners: Vec::new(), first_listener: None }
    }

    pub(super) async fn listen(
        &mut self,
        listener: usize,
        address: SocketAddr,
    ) -> io::Result<SocketAddr> {
        let socket = TcpListener::bind(address).await?;
        let bound = socket.local_addr()?;
        self.first_listener.get_or_insert(listener);
        let shared = Arc::clone(&self.shared);
        let task = tokio::spawn(async move {
            loop {
                match socket.accept().await {
                    Ok((stream, remote)) => shared.accept(listener, stream, remote).await,
                    Err(error) => {
                        // Out of file descriptors: let some connections end before trying again.
                        tracing::warn!(%error, "Cannot accept a SIP connection");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        });
        self.listeners.push(task.abort_handle());
        Ok(bound)
    }

    /// Opens a connection; messages wait until it stands.
    pub(super) fn connect(&self, id: ConnectionId, remote: SocketAddr) {
        let listener = self.first_listener.unwrap_or(0);
        let shared = Arc::clone(&self.shared);
        let Some(queue) = shared.register(id, remote.ip()) else {
            let inputs = self.shared.inputs.clone();
            tokio::spawn(async move {
                let _ = inputs.send(Input::Closed { connection: id }).await;
            });
            return;
        };
        let task = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                let stream = tokio::time::timeout(CONNECT, TcpStream::connect(remote)).await;
                match stream {
                    Ok(Ok(stream)) => {
                        let flow = Flow { listener, remote, connection: Some(id) };
                        shared.serve(flow, id, stream, queue).await;
                    }
                    Ok(Err(_)) | Err(_) => tracing::debug!(%remote, "Cannot connect"),
                }
                let _ = shared.inputs.send(Input::Closed { connection: id }).await;
            }
        });
        shared.set_task(id, task.abort_handle());
    }

    /// Queues a message; a peer that does not read loses its connection.
    pub(super) fn send(&self, id: ConnectionId, data: Bytes) {
        let queue = self.shared.table().open.get(&id).map(|entry| entry.queue.clone());
        if let Some(queue) = queue
            && queue.try_send(data).is_err()
        {
            self.close(id);
        }
    }

    /// Closes a connection; what it was used for is told so.
    pub(super) fn close(&self, id: ConnectionId) {
        let removed = self.shared.remove(id);
        if let Some(entry) = removed {
            // Without its queue the writer ends, then the reader, and `Closed` is reported.
            drop(entry.queue);
        }
    }

    /// Drops what is kept for a connection that has closed.
    pub(super) fn forget(&self, id: ConnectionId) {
        self.shared.remove(id);
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        for listener in &self.listeners {
            listener.abort();
        }
        for (_, entry) in self.shared.table().open.drain() {
            if let Some(task) = entry.task {
                task.abort();
            }
        }
    }
}

impl Shared {
    fn table(&self) -> std::sync::MutexGuard<'_, Table> {
        // The table is changed in single steps, so it is whole even after a panic elsewhere.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room for a connection, or refuses it.
    fn register(&self, id: ConnectionId, source: IpAddr) -> Option<mpsc::Receiver<Bytes>> {
        let mut table = self.table();
        let of_source = table.per_source.get(&source).copied().unwrap_or(0);
        if table.open.len() >= self.max_total || of_source >= self.max_per_source {
            return None;
        }
        let (queue, receiver) = mpsc::channel(WAITING);
        table.per_source.insert(source, of_source + 1);
        table.open.insert(id, Entry { queue, task: None, source });
        self.stats.set_connections(table.open.len());
        Some(receiver)
    }

    fn set_task(&self, id: ConnectionId, task: AbortHandle) {
        if let Some(entry) = self.table().open.get_mut(&id) {
            entry.task = Some(task);
        }
    }

    fn remove(&self, id: ConnectionId) -> Option<Entry> {
        let mut table = self.table();
        let entry = table.open.remove(&id)?;
        if let Some(count) = table.per_source.get_mut(&entry.source) {
            *count -= 1;
            if *count == 0 {
                table.per_source.remove(&entry.source);
            }
        }
        self.stats.set_connections(table.open.len());
        Some(entry)
    }

    async fn accept(self: &Arc<Self>, listener: usize, stream: TcpStream, remote: SocketAddr) {
        let id = ConnectionId(self.ids.fetch_add(1, Ordering::Relaxed));
        let Some(queue) = self.register(id, remote.ip()) else {
            tracing::debug!(%remote, "Too many connections");
            return;
        };
        if self.inputs.send(Input::Connected { connection: id }).await.is_err() {
            return;
        }
        let shared = Arc::clone(self);
        let task = tokio::spawn(async move {
            let flow = Flow { listener, remote, connection: Some(id) };
            shared.serve(flow, id, stream, queue).await;
            let _ = shared.inputs.send(Input::Closed { connection: id }).await;
        });
        self.set_task(id, task.abort_handle());
    }

    async fn serve(
        &self,
        flow: Flow,
        id: ConnectionId,
        stream: TcpStream,
        queue: mpsc::Receiver<Bytes>,
    ) {
        // Signalling messages are small and urgent.
        let _ = stream.set_nodelay(true);
        let (reader, writer) = stream.into_split();
        tokio::select! {
            () = self.read(flow, id, reader) => {}
            () = write(writer, queue) => {}
        }
    }

    async fn read(&self, flow: Flow, id: ConnectionId, mut reader: OwnedReadHalf) {
        let mut framer = Framer::new(self.max_message);
        let mut proven = false;
        let mut began = tokio::time::Instant::now();
        loop {
            // A message must be complete within its time, however slowly its bytes drip in.
            let deadline = match framer.is_inside() || !proven {
                true => began + self.patience.message,
                false => tokio::time::Instant::now() + self.patience.idle,
            };
            let was_inside = framer.is_inside();
            let read = tokio::time::timeout_at(deadline, reader.read_buf(framer.buffer())).await;
            if !matches!(read, Ok(Ok(1..))) {
                return;
            }
            if !was_inside && proven {
                began = tokio::time::Instant::now();
            }
            loop {
                let input = match framer.next() {
                    Ok(Some(Frame::Message(data))) => Input::Message { flow, data },
                    Ok(Some(Frame::Ping)) => {
                        let queue = self.table().open.get(&id).map(|entry| entry.queue.clone());
                        if let Some(queue) = queue {
                            let _ = queue.try_send(Bytes::from_static(b"\r\n"));
                        }
                        continue;
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::debug!(remote = %flow.remote, %error, "Gave up a connection");
                        return;
                    }
                };
                proven = true;
                began = tokio::time::Instant::now();
                if self.inputs.send(input).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn write(mut writer: OwnedWriteHalf, mut queue: mpsc::Receiver<Bytes>) {
    while let Some(data) = queue.recv().await {
        if writer.write_all(&data).await.is_err() {
            return;
        }
    }
    let _ = writer.shutdown().await;
}

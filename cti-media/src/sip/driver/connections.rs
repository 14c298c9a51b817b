//! Connections: one reading and one writing half each, with bounded queues; TLS is between them and the socket.

use std::{
    collections::HashMap,
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::AbortHandle,
};

use super::{Patience, TlsError, tls::Tls};
use crate::sip::{
    SipConfig, SipStats, Transport,
    engine::Input,
    flow::{ConnectionId, Flow},
    stream::{Frame, Framer},
};

/// Messages that may wait for a slow peer; beyond it the connection is closed.
const WAITING: usize = 256;

/// How long a peer may take to accept a connection of ours (64·T1).
const CONNECT: Duration = Duration::from_secs(32);

/// All connections and their listeners.
pub(super) struct Connections {
    shared: Arc<Shared>,
    listeners: Vec<AbortHandle>,
}

/// What all connections share; WebSockets that an HTTP server accepted join it by the handle.
pub(crate) struct Shared {
    pub(super) inputs: mpsc::Sender<Input>,
    ids: Arc<AtomicU64>,
    stats: Arc<SipStats>,
    patience: Patience,
    pub(super) max_message: usize,
    max_total: usize,
    max_per_source: usize,
    table: Mutex<Table>,
    /// Listeners of WebSockets.
    pub(super) web_sockets: Vec<(Transport, usize)>,
    pub(super) tls: Option<Tls>,
}

#[derive(Default)]
struct Table {
    open: HashMap<ConnectionId, Entry>,
    per_source: HashMap<IpAddr, usize>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("open", &self.table().open.len()).finish_non_exhaustive()
    }
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
        tls: Option<Tls>,
    ) -> Self {
        let listeners = config.listeners.iter().enumerate();
        let web_sockets = listeners
            .filter(|(_, listener)| listener.transport.is_web_socket())
            .map(|(index, listener)| (listener.transport, index))
            .collect();
        let shared = Shared {
            inputs,
            ids,
            stats,
            patience: Patience { message: config.message_timeout, idle: config.idle_timeout },
            max_message: config.max_message,
            max_total: config.max_connections,
            max_per_source: config.max_connections_per_source,
            table: Mutex::default(),
            web_sockets,
            tls,
        };
        Self { shared: Arc::new(shared), listeners: Vec::new() }
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    pub(super) async fn listen(
        &mut self,
        listener: usize,
        transport: Transport,
        address: SocketAddr,
    ) -> io::Result<SocketAddr> {
        let socket = TcpListener::bind(address).await?;
        let bound = socket.local_addr()?;
        let shared = Arc::clone(&self.shared);
        let task = tokio::spawn(async move {
            loop {
                match socket.accept().await {
                    Ok((stream, remote)) => {
                        shared.accept(listener, transport, stream, remote).await;
                    }
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
    pub(super) fn connect(&self, flow: Flow) {
        let (Some(id), remote) = (flow.connection, flow.remote) else { return };
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
                if let Err(error) = shared.call(flow, id, queue).await {
                    tracing::debug!(%remote, %error, "Cannot connect");
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
    /// Reads the certificate again, if there is one.
    pub(crate) fn reload_certificate(&self) -> Result<(), TlsError> {
        self.tls.as_ref().map_or(Ok(()), Tls::reload)
    }

    fn table(&self) -> std::sync::MutexGuard<'_, Table> {
        // The table is changed in single steps, so it is whole even after a panic elsewhere.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room for a connection, or refuses it.
    pub(super) fn register(
        &self,
        id: ConnectionId,
        source: IpAddr,
    ) -> Option<mpsc::Receiver<Bytes>> {
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

    /// A name for a connection that a peer made.
    pub(super) fn new_id(&self) -> ConnectionId {
        ConnectionId(self.ids.fetch_add(1, Ordering::Relaxed))
    }

    async fn accept(
        self: &Arc<Self>,
        listener: usize,
        transport: Transport,
        stream: TcpStream,
        remote: SocketAddr,
    ) {
        let id = self.new_id();
        let Some(queue) = self.register(id, remote.ip()) else {
            tracing::debug!(%remote, "Too many connections");
            return;
        };
        if self.inputs.send(Input::Connected { connection: id }).await.is_err() {
            return;
        }
        let shared = Arc::clone(self);
        let task = tokio::spawn(async move {
            let flow = Flow { listener, transport, remote, connection: Some(id) };
            // Signalling messages are small and urgent.
            let _ = stream.set_nodelay(true);
            match &shared.tls {
                Some(tls) if transport == Transport::Tls => {
                    let handshake = tls.accept(stream);
                    match tokio::time::timeout(shared.patience.message, handshake).await {
                        Ok(Ok(stream)) => shared.serve(flow, id, stream, queue).await,
                        Ok(Err(error)) => tracing::debug!(%remote, %error, "No TLS"),
                        Err(_) => tracing::debug!(%remote, "TLS took too long"),
                    }
                }
                Some(_) | None => shared.serve(flow, id, stream, queue).await,
            }
            let _ = shared.inputs.send(Input::Closed { connection: id }).await;
        });
        self.set_task(id, task.abort_handle());
    }

    /// Opens a connection and serves it to its end.
    async fn call(
        &self,
        flow: Flow,
        id: ConnectionId,
        queue: mpsc::Receiver<Bytes>,
    ) -> io::Result<()> {
        let begin = async {
            let stream = TcpStream::connect(flow.remote).await?;
            let _ = stream.set_nodelay(true);
            match &self.tls {
                Some(tls) if flow.transport == Transport::Tls => {
                    tls.connect(stream, flow.remote).await.map(Stream::Tls)
                }
                Some(_) | None => Ok(Stream::Plain(stream)),
            }
        };
        match tokio::time::timeout(CONNECT, begin).await?? {
            Stream::Plain(stream) => self.serve(flow, id, stream, queue).await,
            Stream::Tls(stream) => self.serve(flow, id, stream, queue).await,
        }
        Ok(())
    }

    async fn serve(
        &self,
        flow: Flow,
        id: ConnectionId,
        stream: impl AsyncRead + AsyncWrite,
        queue: mpsc::Receiver<Bytes>,
    ) {
        let (reader, writer) = tokio::io::split(stream);
        tokio::select! {
            () = self.read(flow, id, reader) => {}
            () = write(writer, queue) => {}
        }
    }

    async fn read(&self, flow: Flow, id: ConnectionId, mut reader: impl AsyncRead + Unpin) {
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

/// A connection of ours.
enum Stream {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

async fn write(mut writer: impl AsyncWrite + Unpin, mut queue: mpsc::Receiver<Bytes>) {
    while let Some(data) = queue.recv().await {
        if writer.write_all(&data).await.is_err() {
            return;
        }
    }
    let _ = writer.shutdown().await;
}

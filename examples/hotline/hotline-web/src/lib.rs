//! The browser application, built and embedded.
//!
//! The page lives in `web/`. The build script builds it once per content and this crate carries
//! the files inside the binary: the hotline is one executable with nothing to install beside it.
//!
//! ```
//! let page: axum::Router = hotline_web::router();
//! let app = axum::Router::new().fallback_service(page);
//! # let _: axum::Router = app;
//! ```

mod assets;
mod headers;
mod serve;

pub use assets::{Asset, asset, is_built};
pub use serve::router;

//! Journal projections and records in SQL.

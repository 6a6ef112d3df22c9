//! Text to tree: `tokens` cuts words and lines, `statements` groups lines into blocks, `grammar` (pest) reads each
//! line on its own, and the rest builds the tree. A line that cannot be read gets one message and hides no other.

mod blocks;
mod decode;
mod expressions;
pub(in crate::lang) mod files;
mod grammar;
mod grid;
mod header;
mod leaves;
mod map;
mod messages;
mod pairs;
mod promises;
mod reader;
mod rows;
pub(in crate::lang) mod rules;
pub(in crate::lang) mod statements;
pub(in crate::lang) mod tokens;
mod words;

pub use decode::decode;
pub use files::{parse_fields, parse_schema};
pub use rules::parse_rules;

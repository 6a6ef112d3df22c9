//! Exit codes: one table, tested, told by `--help`.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to find; every row closes.
    Clean,
    /// Findings, rejected records or a row that does not close.
    Findings,
    /// The command line itself, or a file that it names.
    Usage,
    /// More records wait than the rule file accepts.
    Held,
    /// The destination is not what was expected.
    Drift,
    /// A load into an account without an approval that fits, or from an unsealed capture.
    Unapproved,
    /// Stopped by Ctrl-C; the same command goes on.
    Stopped,
}

impl Exit {
    /// Every code with its meaning, in order.
    pub const TABLE: [(Exit, u8, &'static str); 7] = [
        (
            Exit::Clean,
            0,
            "clean: every row closes, nothing held beyond what the rules accept",
        ),
        (
            Exit::Findings,
            1,
            "findings, rejected records, or a row that does not close",
        ),
        (Exit::Usage, 2, "the command line, or a file that it names"),
        (
            Exit::Held,
            3,
            "more records held than the rule file accepts",
        ),
        (Exit::Drift, 4, "the destination is not what was expected"),
        (
            Exit::Unapproved,
            5,
            "a load into an account needs a fresh approval and a sealed capture",
        ),
        (
            Exit::Stopped,
            130,
            "stopped by Ctrl-C; the same command goes on where it stopped",
        ),
    ];

    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        let found = Self::TABLE.iter().find(|(exit, _, _)| *exit == self);
        found.map_or(1, |(_, code, _)| *code)
    }
}

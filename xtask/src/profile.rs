//! The two ways to build: for those who use the package, and for those who write it.

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Profile {
    /// Optimised, and the only one that may be published.
    Release,
    /// Without the optimisations, for the shortest wait.
    Dev,
}

impl Profile {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "dev",
        }
    }
}

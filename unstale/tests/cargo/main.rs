//! Builds with cargo: what is edited, moved, killed or restored, and what the next build makes of it.

#[cfg(test)]
mod fixture;

#[cfg(test)]
mod check;
#[cfg(test)]
mod elsewhere;
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod records;
#[cfg(test)]
mod sources;

//! Wires the tasks of `portreeve serve` together and shuts them down.

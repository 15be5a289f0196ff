"""The benches, each in a room of its own: a function from the laboratory to its results."""

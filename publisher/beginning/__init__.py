"""The beginning of a workspace: a few questions, and the files that the answers make."""

"""To whom it matters, when it matters: what goes wrong is noticed, told once, told again a day later, and its end.

`watch` looks at the log and at the rows, by `conditions`, and keeps what it sees as alerts. `news` says which of
them a receiver has still to hear of; `words` and `digest` write it; `teller` sends it and notes who accepted it.
"""

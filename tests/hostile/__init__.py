"""The corpus of hostile inputs: what somebody could write, send or answer to hang, crash, rob or escape Publisher.

A *family* is one way in: feeds, plans, messages, templates, file names, answers of servers, requests to the pages ….
A *cause* is one named way to do harm there, with the reason why it could; it makes several concrete *cases*, files
as a rule, always the same ones. The court lets a process of its own read every case through the real way in, and
looks over its shoulder: how long, how much memory, what it opened, what it said, and whether a secret was in it.

A new cause is one function in its family's module.
"""

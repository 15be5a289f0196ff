"""E-mails that tell an announcer of a script, and an agency of what is new in its inbox and of its private link.

`making` reads in the log what is to be told, and keeps a notice for each address; `letters` writes them; `sending`
claims each before it leaves, and notes what became of it. What may have left is never sent again by itself.
"""

"""A post as it is read aloud: its text in the spoken form, and its title and summary beside what is written."""

from dataclasses import replace

from content.post import Post
from content.speech import speech
from content.speech.lexicon import Lexicon


def aloud(post: Post, own: Lexicon) -> Post:
    """The post for an announcer. `own`: the lexicon of the workspace, or what of it the post was approved with."""
    speak = speech(tuple(sorted(own.items()))).speak
    return replace(
        post,
        text=speak(post.text).text,
        spoken_title=speak(post.title).text,
        spoken_summary=speak(post.summary).text,
    )

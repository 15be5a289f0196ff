"""Edits of a scene's files in the midst: what people do to the plan while something is being sent."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from tests.faults.scenes import Scene, write_message, write_plan

Edit = Callable[[Path, Scene], None]
_LATER = timedelta(minutes=3)


def _reword(directory: Path, scene: Scene) -> None:
    """The first message, and the first bulletin, say it in other words."""
    if scene.messages:
        write_message(directory, "01.md", scene.text(1, "Tin mới: "), 1 in scene.pictures)
    if scene.bulletins:
        write_message(directory, "loa/51.md", scene.text(51, "Tin mới: "), False)


def _move(directory: Path, scene: Scene) -> None:
    """The first message is to go out a little later."""
    times = scene.times()
    write_plan(directory, scene, {**times, 1: times[1] + _LATER} if times else None)


def _remove(directory: Path, scene: Scene) -> None:
    """The first message is taken out of the plan, and the first bulletin."""
    write_plan(directory, scene, {number: at for number, at in scene.times().items() if number > 1})
    if scene.bulletins:
        (directory / "content/campaigns/c/loa/51.md").unlink(missing_ok=True)


def _put_back(directory: Path, scene: Scene) -> None:
    """All is as it was at first."""
    write_plan(directory, scene)
    if scene.bulletins:
        write_message(directory, "loa/51.md", scene.text(51), False)


#: By name what is done, one after another; the program takes up each before the next.
EDITS: Mapping[str, tuple[Edit, ...]] = {
    "edit-text": (_reword,),
    "edit-time": (_move,),
    "edit-out": (_remove,),
    "edit-undone": (_remove, _put_back),
}

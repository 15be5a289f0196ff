"""Whether the packages that run are ours: another distribution may hold files under the same names."""

from importlib.metadata import packages_distributions

PACKAGES = ("publisher", "channels", "content", "sandbox")


def foreign_packages() -> list[str]:
    """What is wrong with the installation, for the admin; empty if nothing is."""
    owners = packages_distributions()
    found = []
    for package in PACKAGES:
        others = sorted(set(owners.get(package, ())) - {"publisher"})
        if others:
            found.append(
                f"the package {package!r} also belongs to {', '.join(others)}, which may have replaced files of "
                "Publisher: install Publisher alone, in a virtual environment of its own"
            )
    return found

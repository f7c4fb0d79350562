"""Pictures of every page, to be looked at: `python -m tests.browser.screenshots FOLDER [NAME …]`.

Each page four times: light, dark, on a narrow screen, and in French.
"""

import sys
import tempfile
from pathlib import Path
from typing import Final, Literal

from tests import machine
from tests.browser.chromium import running_chromium
from tests.browser.look import NARROW, WIDE
from tests.browser.sights import SIGHTS, Language, built
from tests.browser.site import running_site

#: Suffix, language, colour scheme, width.
_KINDS: Final[tuple[tuple[str, Language, Literal["light", "dark"], int], ...]] = (
    ("light", "en", "light", WIDE),
    ("dark", "en", "dark", WIDE),
    ("narrow", "en", "light", NARROW),
    ("french", "fr", "light", NARROW),
)


def main(arguments: list[str]) -> int:
    """Take the pictures of all pages, or of those that are named."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    folder, wanted = Path(arguments[0]), set(arguments[1:])
    folder.mkdir(parents=True, exist_ok=True)
    executable = machine.find("chromium")
    if executable is None:
        print("There is no Chromium on this machine.", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory() as name,
        running_chromium(executable) as chromium,
        running_site(Path(name)) as site,
        built(chromium, site, Path(name)) as scenery,
    ):
        for sight in SIGHTS:
            if wanted and sight.name not in wanted:
                continue
            for kind, language, scheme, width in _KINDS:
                page = sight.seen(scenery, language)
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 800})
                path = folder / f"{sight.name}-{kind}.png"
                page.screenshot(path=path, full_page=True)
                print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

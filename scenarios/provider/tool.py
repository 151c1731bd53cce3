"""schemathesis, set up for one contract and one way to whoever is on trial. The same seed is the same run."""

from __future__ import annotations

import gzip
import json
import tempfile
import unicodedata
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .door import Door

if TYPE_CHECKING:
    from .trial import Trial

Case = Any
"""What the tool makes up: a request that it can send, and what it meant by it."""


@contextmanager
def tidy() -> Iterator[None]:
    """The tool as it is everywhere: no folder of its is left behind, and nothing depends on what else is loaded."""
    from hypothesis import configuration
    from hypothesis.internal.conjecture import providers

    before = getattr(configuration, "__hypothesis_home_directory", None)
    constants = providers._get_local_constants  # noqa: SLF001  there is no public way
    with tempfile.TemporaryDirectory(prefix="sessionm-harness-") as folder:
        _with_tables(Path(folder))
        configuration.set_hypothesis_home_dir(folder)
        # Else it mixes numbers and texts of our own modules into what it makes up: other modules, another run.
        nothing = type(constants())()
        providers._get_local_constants = lambda: nothing  # noqa: SLF001  as above
        providers.CONSTANTS_CACHE.cache.clear()
        try:
            yield
        finally:
            providers._get_local_constants = constants  # noqa: SLF001  as above
            providers.CONSTANTS_CACHE.cache.clear()
            configuration.set_hypothesis_home_dir(before)


def _with_tables(folder: Path) -> None:
    """What UTF-8 can write, which the tool finds out by trying a million characters where nobody has told it."""
    place = folder / "unicode_data" / unicodedata.unidata_version
    place.mkdir(parents=True)
    everything = [[[0, 0xD7FF], [0xE000, 0x10FFFF]], []]
    (place / "codec-v2-utf-8.json.gz").write_bytes(gzip.compress(json.dumps(everything).encode()))


CORNERS_SEED = 1
"""Cases at borders are the contract's own, and the same in every run; the seed is for what is random."""


def schema_of(document: Mapping[str, Any], door: Door, doors: Mapping[str, str], *, examples: int) -> Any:
    """The tool's view of a contract; `doors` are Authorization headers by the name of their scheme."""
    import schemathesis
    from schemathesis.config import SchemathesisConfig

    generation = {"deterministic": True, "database": "none", "max-examples": examples}
    ways = {"auth": {"openapi": {name: _pair(header) for name, header in doors.items()}}} if doors else {}
    config = SchemathesisConfig.from_dict({"seed": CORNERS_SEED, "generation": generation, **ways})
    schema = schemathesis.openapi.from_dict(dict(document), config=config)
    schema.app = door
    return schema


def _pair(header: str) -> dict[str, str]:
    scheme, _, given = header.partition(" ")
    if scheme != "Basic":
        return {"bearer": given}
    user, _, password = b64decode(given).decode().partition(":")
    return {"username": user, "password": password}


def operations_in(schema: Any) -> Iterator[Any]:
    """Every operation that the tool can read."""
    for result in schema.get_all_operations():
        yield result.ok()


def corner_cases(operation: Any, limit: int) -> list[Case]:
    """Values at and beyond the borders that the contract gives, at most `limit`, of as many kinds as there are."""
    from schemathesis.generation.drivers import CoverageGenerator
    from schemathesis.generation.feedback import FeedbackSources
    from schemathesis.generation.overrides import Override

    generation = operation.schema.config.generation_for(operation=operation, phase="coverage")
    made: list[Case] = list(
        CoverageGenerator(
            operation=operation,
            generation_modes=generation.modes,
            generation_config=generation,
            auth_storage=None,
            override=Override(),
            feedback=FeedbackSources(),
        )
    )
    good = _spread([case for case in made if case.meta.generation.mode.is_positive], limit // 2)
    return [*good, *_spread([case for case in made if case.meta.generation.mode.is_negative], limit - len(good))]


def _spread(cases: list[Case], limit: int) -> list[Case]:
    """As many as `limit`, in rounds: one of each kind, then a second of each, in the order in which they came."""
    if len(cases) <= limit:
        return cases
    rounds: dict[tuple[Any, ...], int] = {}
    ranked = []
    for index, case in enumerate(cases):
        kind = _kind(case)
        rounds[kind] = rounds.get(kind, -1) + 1
        ranked.append((rounds[kind], index))
    chosen = sorted(index for _, index in sorted(ranked)[:limit])
    return [cases[index] for index in chosen]


def _kind(case: Case) -> tuple[Any, ...]:
    told = case.meta.phase.data
    mode = case.meta.generation.mode.value
    return mode, str(told.scenario), told.parameter, str(told.parameter_location), told.location


def made_up(operation: Any, ask: Callable[[Case], None], *, seed: int, examples: int) -> None:
    """Random input, good and bad in turn, each handed to `ask`; nothing is shrunk, and nothing kept."""
    import hypothesis
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.errors import Unsatisfiable
    from schemathesis import GenerationMode

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        bounded = settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )

        @hypothesis.seed(seed)
        @bounded
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Case) -> None:
            ask(case)

        with suppress(Unsatisfiable):  # where there is no bad input, or no good one, none is asked
            run()


def sequences(schema: Any, trial: Trial, *, seed: int, examples: int) -> None:
    """Calls that follow the links of the contract, each sequence from the starting state."""
    import hypothesis
    from hypothesis import HealthCheck, Phase, settings
    from schemathesis.core.errors import NoLinksFound

    class Fresh(schema.as_state_machine()):  # type: ignore[misc]  # the class is made at run time
        def setup(self) -> None:
            trial.afresh()

        def call(self, case: Case, **_how: Any) -> Any:
            return trial.send(case)

        def validate_response(self, response: Any, case: Case, **_how: Any) -> None:
            trial.look(case, response, recorder=getattr(self, "recorder", None), followed=True)

    bounded = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        hypothesis.seed(seed)(Fresh).run(settings=bounded)
    except NoLinksFound:
        return  # a contract without links has no sequences, which is not a fault of anybody's


STEPS = 5
"""So many calls in one sequence."""

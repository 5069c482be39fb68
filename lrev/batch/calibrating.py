"""The rules' own examples, put to the model while the jobs are still being weighed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait

from lrev.batch.events import Event, Kind, Listener
from lrev.batch.lanes import Lanes, LostModel, Timed
from lrev.errors import MachineError
from lrev.review.calibrate import calibration_of, calibration_prompts
from lrev.review.pipeline import Resources
from lrev.rules.rule import Rule
from lrev.types import Answer, Prompt

_LOOK_SECONDS = 1.0


class Calibrating:
    """`lanes` None: no model takes part, and nothing is asked."""

    def __init__(self, resources: Resources, lanes: Lanes | None, tell: Listener) -> None:
        self._scales = resources.scales
        self._prompts = resources.prompts
        self._rules = {rule.id: rule for rule in resources.rules}
        self._lanes = lanes
        self._tell = tell
        self._asked: dict[str, Future[Timed[list[Answer]]]] = {}

    def need(self, names: Iterable[str]) -> None:
        """Of these rules, those whose examples the model has not answered yet are asked."""
        for name in dict.fromkeys(names):
            if self._scales is not None and name not in self._asked and not self._scales.knows(self._rules[name]):
                self._asked[name] = self._ask(self._rules[name])

    def finish(self, is_over: Callable[[], bool]) -> None:
        """Until all are answered, or the run is over. Raises MachineError when the model dies over one twice."""
        for done, (name, future) in enumerate(self._asked.items(), 1):
            rule = self._rules[name]
            while not wait((future,), timeout=_LOOK_SECONDS).done:
                if is_over():
                    return
            try:
                answers = future.result().value
            except LostModel as lost:
                answers = self._again(rule, lost)
            assert self._scales is not None
            self._scales.learn(rule, calibration_of(answers))
            self._tell(Event(Kind.CALIBRATED, text=rule.id, done=done, total=len(self._asked)))

    def _again(self, rule: Rule, lost: LostModel) -> list[Answer]:
        assert self._lanes is not None
        self._tell(Event(Kind.RESTARTED, text=lost.reason))
        self._lanes.revive(lost)
        try:
            return self._ask(rule).result().value
        except LostModel as again:
            self._lanes.revive(again)
            raise MachineError(f"{again.reason}, while it read the example of rule '{rule.id}'") from again

    def _ask(self, rule: Rule) -> Future[Timed[list[Answer]]]:
        assert self._lanes is not None
        prompts: tuple[Prompt, ...] = calibration_prompts(rule, self._prompts)
        return self._lanes.submit(lambda model: model.answer(prompts))

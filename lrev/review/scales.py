"""The calibrations of one model under the present prompts, kept in the cache: made once a rule."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from lrev.review.calibrate import Calibration, calibrate
from lrev.review.prompts import Prompts
from lrev.rules.rule import Rule
from lrev.types import Generator


@dataclass(slots=True)
class Scales:
    """`directory` holds one small file a model and prompts; a file that cannot be read is made anew."""

    generator: Generator
    prompts: Prompts
    directory: Path
    _known: dict[str, Calibration] = field(default_factory=dict)

    def of(self, rule: Rule) -> Calibration:
        """From the cache, else asked of the model now."""
        if not self.knows(rule):
            self.learn(rule, calibrate(rule, self.generator, self.prompts))
        return self._known[rule.id]

    def knows(self, rule: Rule) -> bool:
        if not self._known:
            self._known = self._load()
        return rule.id in self._known

    def learn(self, rule: Rule, scale: Calibration) -> None:
        self._known[rule.id] = scale
        self._store()

    def barred(self, rule: Rule) -> str:
        """Why the rule is not put to this model, or ""."""
        scale = self.of(rule)
        if scale.usable:
            return ""
        apart = scale.faulty - scale.sound
        return f"{self.generator.name} does not tell the rule's own examples apart ({apart:+.2f} nats)"

    def _path(self) -> Path:
        identity = f"{self.generator.sha256} {self.prompts.sha256()} {self.generator.context_tokens}"
        return self.directory / f"{hashlib.sha256(identity.encode()).hexdigest()[:24]}.json"

    def _load(self) -> dict[str, Calibration]:
        try:
            stored = json.loads(self._path().read_text(encoding="utf-8"))
            return {name: Calibration(float(sound), float(faulty)) for name, (sound, faulty) in stored.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _store(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        aside = self._path().with_suffix(".part")
        known = {name: [scale.sound, scale.faulty] for name, scale in sorted(self._known.items())}
        aside.write_text(json.dumps(known, indent=1), encoding="utf-8")
        aside.replace(self._path())

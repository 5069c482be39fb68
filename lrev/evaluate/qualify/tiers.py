"""What a model may be asked, by what it was measured to answer; each bar lies below a 95% interval, not at a mean."""

from __future__ import annotations

from collections.abc import Sequence

from lrev.evaluate.intervals import share
from lrev.manifest import Tier
from lrev.qualification import FormKept, TwinAnswered, total

# Two statements are told apart by chance in half of the pairs.
NARROW_ABOVE = 0.5
# Asked openly, a model is right about both twins of most pairs, or it is worse than no model.
OPEN_ABOVE = 0.5
LARGE_ABOVE = 0.75
# Under a grammar only what is cut off fails.
FORMS_ABOVE = 0.8


def tier_of(twins: Sequence[TwinAnswered], forms: Sequence[FormKept]) -> Tier:
    """`test`: nothing that counts; `small`: narrow questions; `medium` and `large`: open ones too."""
    in_order = share(sum(one.faulty > one.sound for one in twins), len(twins))
    openly = share(sum(one.named and one.cleared for one in twins), len(twins))
    kept = total(one.share for one in forms)
    if in_order.low <= NARROW_ABOVE:
        return Tier.TEST
    if openly.low <= OPEN_ABOVE or share(kept.right, kept.asked).low <= FORMS_ABOVE:
        return Tier.SMALL
    return Tier.LARGE if openly.low > LARGE_ABOVE else Tier.MEDIUM

/*
 * lantern: patterns.
 *
 * A pattern is a list of steps that plays over and over. The work shows one
 * step and schedules itself for the next; it takes lantern->lock, so nobody
 * may wait for the work with that lock held.
 */

#include <linux/module.h>
#include <linux/slab.h>

#include "lantern.h"

static int lantern_steps_check(const struct lantern_step *steps, unsigned int nr_steps)
{
	unsigned int i;

	if (!nr_steps)
		return -EINVAL;
	if (nr_steps > LANTERN_MAX_STEPS)
		return -E2BIG;

	for (i = 0; i < nr_steps; i++) {
		if (!steps[i].duration_ms || steps[i].duration_ms > LANTERN_MAX_STEP_MS)
			return -EINVAL;
	}
	return 0;
}

/* Show the next step and schedule the one after it. */
static void lantern_pattern_advance(struct lantern *lantern)
{
	const struct lantern_step *step;

	lockdep_assert_held(&lantern->lock);

	step = &lantern->steps[lantern->position];
	if (lantern_show(lantern, step->brightness)) {
		dev_warn(lantern->dev, "%s: the pattern stops\n", lantern->name);
		return;
	}

	lantern->position = (lantern->position + 1) % lantern->nr_steps;
	schedule_delayed_work(&lantern->work, msecs_to_jiffies(step->duration_ms));
}

static void lantern_pattern_work(struct work_struct *work)
{
	struct lantern *lantern = container_of(to_delayed_work(work), struct lantern, work);

	mutex_lock(&lantern->lock);
	if (lantern->steps && !lantern->gone)
		lantern_pattern_advance(lantern);
	mutex_unlock(&lantern->lock);
}

/* Forget the pattern. The work may still run once and then finds nothing to show. */
static void lantern_pattern_drop(struct lantern *lantern)
{
	lockdep_assert_held(&lantern->lock);

	kfree(lantern->steps);
	lantern->steps = NULL;
	lantern->nr_steps = 0;
	lantern->position = 0;
}

/**
 * lantern_pattern_set() - play a pattern
 * @lantern: the light
 * @steps: copied
 * @nr_steps: 1 to LANTERN_MAX_STEPS
 *
 * Context: May sleep. Takes lantern->lock.
 * Return: 0, -EBUSY while another pattern plays, -EINVAL, -E2BIG, -ENOMEM or -ENODEV.
 */
int lantern_pattern_set(struct lantern *lantern, const struct lantern_step *steps, unsigned int nr_steps)
{
	struct lantern_step *copy;
	int err;

	err = lantern_steps_check(steps, nr_steps);
	if (err)
		return err;

	copy = kmemdup(steps, nr_steps * sizeof(*steps), GFP_KERNEL);
	if (!copy)
		return -ENOMEM;

	mutex_lock(&lantern->lock);
	if (lantern->gone) {
		err = -ENODEV;
		goto err_unlock;
	}
	if (lantern->steps) {
		err = -EBUSY;
		goto err_unlock;
	}

	lantern->steps = copy;
	lantern->nr_steps = nr_steps;
	lantern->position = 0;
	lantern_pattern_advance(lantern);
	mutex_unlock(&lantern->lock);
	return 0;

err_unlock:
	mutex_unlock(&lantern->lock);
	kfree(copy);
	return err;
}
EXPORT_SYMBOL_GPL(lantern_pattern_set);

/**
 * lantern_pattern_clear() - stop the pattern and show the steady brightness
 * @lantern: the light
 *
 * Context: May sleep. Takes lantern->lock.
 */
void lantern_pattern_clear(struct lantern *lantern)
{
	mutex_lock(&lantern->lock);
	lantern_pattern_drop(lantern);
	cancel_delayed_work(&lantern->work);
	if (lantern_show(lantern, lantern->brightness))
		dev_warn(lantern->dev, "%s: cannot be lit\n", lantern->name);
	mutex_unlock(&lantern->lock);
}
EXPORT_SYMBOL_GPL(lantern_pattern_clear);

void lantern_pattern_init(struct lantern *lantern)
{
	INIT_DELAYED_WORK(&lantern->work, lantern_pattern_work);
}

/* No step is shown after this. Waits for the work, so lantern->lock must not be held. */
void lantern_pattern_stop(struct lantern *lantern)
{
	mutex_lock(&lantern->lock);
	lantern->gone = true;
	lantern_pattern_drop(lantern);
	mutex_unlock(&lantern->lock);

	cancel_delayed_work_sync(&lantern->work);
}

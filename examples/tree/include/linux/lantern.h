#ifndef _LINUX_LANTERN_H
#define _LINUX_LANTERN_H

#include <linux/types.h>

#define LANTERN_MAX_BRIGHTNESS 255u
#define LANTERN_MAX_STEPS 32u
#define LANTERN_MAX_STEP_MS 10000u

struct device;
struct lantern;

/**
 * struct lantern_step - one step of a pattern
 * @brightness: 0 to LANTERN_MAX_BRIGHTNESS
 * @duration_ms: how long it is shown, not 0
 */
struct lantern_step {
	u8 brightness;
	u16 duration_ms;
};

/**
 * struct lantern_ops - what a driver provides
 * @set: show a brightness; may sleep; called with lantern.lock held
 */
struct lantern_ops {
	int (*set)(struct lantern *lantern, u8 brightness);
};

struct lantern *__must_check lantern_register(struct device *dev, const char *name, const struct lantern_ops *ops);
void lantern_unregister(struct lantern *lantern);

struct lantern *__must_check lantern_get(const char *name);
void lantern_put(struct lantern *lantern);

int __must_check lantern_brightness_set(struct lantern *lantern, u8 brightness);
int __must_check lantern_pattern_set(struct lantern *lantern, const struct lantern_step *steps, unsigned int nr_steps);
void lantern_pattern_clear(struct lantern *lantern);

#endif /* _LINUX_LANTERN_H */

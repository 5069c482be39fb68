/*
 * lantern: the files below the device.
 *
 *   brightness  0 to 255
 *   blink       milliseconds on and off; 0 stops
 */

#include <linux/kernel.h>

#include "lantern.h"

static ssize_t brightness_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct lantern *lantern = dev_get_drvdata(dev);
	u8 brightness;

	mutex_lock(&lantern->lock);
	brightness = lantern->brightness;
	mutex_unlock(&lantern->lock);

	(void)attr;
	return scnprintf(buf, 8, "%u\n", brightness);
}

static ssize_t brightness_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	struct lantern *lantern = dev_get_drvdata(dev);
	u32 brightness;
	int err;

	(void)attr;
	err = kstrtou32(buf, 10, &brightness);
	if (err)
		return err;
	if (brightness > LANTERN_MAX_BRIGHTNESS)
		return -ERANGE;

	err = lantern_brightness_set(lantern, brightness);
	return err ? err : (ssize_t)count;
}

static ssize_t blink_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct lantern *lantern = dev_get_drvdata(dev);
	u32 duration;

	mutex_lock(&lantern->lock);
	duration = lantern->steps ? lantern->steps[0].duration_ms : 0;
	mutex_unlock(&lantern->lock);

	(void)attr;
	return scnprintf(buf, 16, "%u\n", duration);
}

static ssize_t blink_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	struct lantern *lantern = dev_get_drvdata(dev);
	struct lantern_step steps[2];
	u32 duration;
	int err;

	(void)attr;
	err = kstrtou32(buf, 10, &duration);
	if (err)
		return err;
	if (duration > LANTERN_MAX_STEP_MS)
		return -ERANGE;

	if (!duration) {
		lantern_pattern_clear(lantern);
		return count;
	}

	steps[0].brightness = LANTERN_MAX_BRIGHTNESS;
	steps[0].duration_ms = duration;
	steps[1].brightness = 0;
	steps[1].duration_ms = duration;
	err = lantern_pattern_set(lantern, steps, ARRAY_SIZE(steps));
	return err ? err : (ssize_t)count;
}

static DEVICE_ATTR_RW(brightness);
static DEVICE_ATTR_RW(blink);

int lantern_sysfs_add(struct lantern *lantern)
{
	int err;

	dev_set_drvdata(lantern->dev, lantern);

	err = device_create_file(lantern->dev, &dev_attr_brightness);
	if (err)
		return err;

	err = device_create_file(lantern->dev, &dev_attr_blink);
	if (err)
		device_remove_file(lantern->dev, &dev_attr_brightness);
	return err;
}

void lantern_sysfs_remove(struct lantern *lantern)
{
	device_remove_file(lantern->dev, &dev_attr_blink);
	device_remove_file(lantern->dev, &dev_attr_brightness);
}

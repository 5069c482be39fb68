#ifndef _LINUX_DEVICE_H
#define _LINUX_DEVICE_H

#include <linux/slab.h>

struct device {
	struct device *parent;
	const char *name;
	void *driver_data;
};

struct device_attribute {
	const char *name;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr, char *buf);
	ssize_t (*store)(struct device *dev, struct device_attribute *attr, const char *buf, size_t count);
};

#define DEVICE_ATTR_RW(_name)				\
	struct device_attribute dev_attr_##_name = {	\
		.name = #_name,				\
		.show = _name##_show,			\
		.store = _name##_store,			\
	}

int __must_check device_create_file(struct device *dev, const struct device_attribute *attr);
void device_remove_file(struct device *dev, const struct device_attribute *attr);

/* Freed when the driver is unbound from @dev: never to be passed to kfree(). */
void *__must_check devm_kzalloc(struct device *dev, size_t size, gfp_t gfp);
int __must_check devm_add_action_or_reset(struct device *dev, void (*action)(void *data), void *data);

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

__attribute__((__format__(printf, 2, 3))) void dev_err(struct device *dev, const char *format, ...);
__attribute__((__format__(printf, 2, 3))) void dev_warn(struct device *dev, const char *format, ...);
__attribute__((__format__(printf, 3, 4))) int dev_err_probe(struct device *dev, int err, const char *format, ...);

#endif /* _LINUX_DEVICE_H */

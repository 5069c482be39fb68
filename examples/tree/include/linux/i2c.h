#ifndef _LINUX_I2C_H
#define _LINUX_I2C_H

#include <linux/device.h>

struct i2c_client {
	struct device dev;
	u16 addr;
};

struct i2c_device_id {
	char name[20];
	unsigned long driver_data;
};

struct i2c_driver {
	const char *name;
	int (*probe)(struct i2c_client *client);
	void (*remove)(struct i2c_client *client);
	const struct i2c_device_id *id_table;
};

/* Both sleep until the transfer is over; a negative errno or the byte, respectively 0. */
s32 __must_check i2c_smbus_read_byte_data(const struct i2c_client *client, u8 command);
s32 __must_check i2c_smbus_write_byte_data(const struct i2c_client *client, u8 command, u8 value);

static inline void i2c_set_clientdata(struct i2c_client *client, void *data)
{
	dev_set_drvdata(&client->dev, data);
}

static inline void *i2c_get_clientdata(const struct i2c_client *client)
{
	return dev_get_drvdata(&client->dev);
}

#define module_i2c_driver(driver) const struct i2c_driver *const registered_##driver = &driver

#endif /* _LINUX_I2C_H */

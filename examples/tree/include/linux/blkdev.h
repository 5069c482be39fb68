#ifndef _LINUX_BLKDEV_H
#define _LINUX_BLKDEV_H

#include <linux/types.h>

struct block_device;

/* Both sleep; 0 or a negative errno. @buffer stays with the caller. */
int __must_check bdev_read(struct block_device *bdev, u64 offset, void *buffer, size_t size);
int __must_check bdev_write(struct block_device *bdev, u64 offset, const void *buffer, size_t size);
u64 bdev_size(const struct block_device *bdev);

#endif /* _LINUX_BLKDEV_H */

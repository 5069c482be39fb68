#ifndef _LINUX_PEBBLE_H
#define _LINUX_PEBBLE_H

#include <linux/blkdev.h>
#include <linux/types.h>

#define PEBBLE_MAGIC 0x7eb81e05u
#define PEBBLE_RECORD_MAGIC 0x7ec04d01u
#define PEBBLE_MIN_BLOCK_SIZE 512u
#define PEBBLE_MAX_BLOCK_SIZE 4096u
#define PEBBLE_NAME_LEN 56

/* Everything on disk is in the byte order of the machine that made it. */

struct pebble_disk_super {
	u32 magic;
	u32 block_size;
	u32 nr_blocks;
	u32 inode_start;
	u32 nr_inodes;
	u32 journal_start;
	u32 journal_blocks;
	u32 root_inode;
};

struct pebble_disk_inode {
	u32 mode;
	u32 size;
	u32 first_block;
	u32 nr_blocks;
};

struct pebble_disk_entry {
	u32 inode;
	u32 name_len;
	char name[PEBBLE_NAME_LEN];
};

/**
 * struct pebble_record - head of a journal block
 * @magic: PEBBLE_RECORD_MAGIC
 * @sequence: one more than that of the record before
 * @target: block that the payload belongs to
 * @length: bytes of payload after the head
 */
struct pebble_record {
	u32 magic;
	u32 sequence;
	u32 target;
	u32 length;
};

struct pebble_super;

struct pebble_super *__must_check pebble_mount(struct block_device *bdev);
void pebble_unmount(struct pebble_super *super);
int pebble_sync(struct pebble_super *super);

#endif /* _LINUX_PEBBLE_H */

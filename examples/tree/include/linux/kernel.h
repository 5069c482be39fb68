#ifndef _LINUX_KERNEL_H
#define _LINUX_KERNEL_H

#include <linux/errno.h>
#include <linux/types.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define offsetof(type, member) __builtin_offsetof(type, member)
#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *one, const void *other, size_t size);
size_t strlen(const char *text);
int strcmp(const char *one, const char *other);
ssize_t strscpy(char *to, const char *from, size_t size);

int __must_check kstrtou32(const char *text, unsigned int base, u32 *result);
__printf(3, 4) int scnprintf(char *buffer, size_t size, const char *format, ...);
__printf(1, 2) void pr_err(const char *format, ...);
__printf(1, 2) void pr_warn(const char *format, ...);
__printf(1, 2) void pr_info(const char *format, ...);

#endif /* _LINUX_KERNEL_H */

#ifndef _LINUX_MODULE_H
#define _LINUX_MODULE_H

#define EXPORT_SYMBOL_GPL(name) extern const void *const exported_##name
#define MODULE_DESCRIPTION(text) extern const char module_description[]
#define MODULE_AUTHOR(text) extern const char module_author[]

#define module_init(function) int (*const initcall_##function)(void) = function
#define module_exit(function) void (*const exitcall_##function)(void) = function

#endif /* _LINUX_MODULE_H */

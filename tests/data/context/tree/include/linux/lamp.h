#define LAMP_VOLTS 12
#define LAMP_BLINK_MSECS 500

struct lamp {
	const char *name;
	struct kref users;
	int volts;
};

struct lamp *lamp_get(const char *name);
struct lamp *lamp_get_optional(const char *name);
void lamp_put(struct lamp *lamp);

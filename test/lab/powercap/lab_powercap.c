// SPDX-License-Identifier: GPL-2.0
/*
 * The powercap tree of a server with two sockets: registers of 32 bits as intel_rapl shows them, the 1 J unit of psys
 * and the MMIO twin of a package. What they count is ours to say, and to know exactly:
 *
 *   load     permille of each zone's power, from the moment it is written on
 *   counts   "<zone> <counts since the module was loaded> <unit in nJ>" of each zone, beyond any wrap
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/powercap.h>
#include <linux/spinlock.h>

#define REGISTER 0xffffffffULL
#define NO_PARENT -1

struct lab_zone {
	const char *name;
	int parent;
	bool is_mmio;
	u64 power_mw;
	u64 unit_nj;
	struct powercap_zone *zone;
	u64 energy_nj;
};

static struct lab_zone zones[] = {
	{ "package-0", NO_PARENT, false, 205000, 61035 },
	{ "core", 0, false, 150000, 61035 },
	{ "dram", 0, false, 18000, 15300 },
	{ "package-1", NO_PARENT, false, 190000, 61035 },
	{ "dram", 3, false, 16000, 15300 },
	{ "psys", NO_PARENT, false, 480000, 1000000000 },
	{ "package-0", NO_PARENT, true, 205000, 61035 },
};

static struct powercap_control_type *msr, *mmio;
static DEFINE_SPINLOCK(lock);
static u64 settled_ns;
static unsigned int load_permille = 1000;

static unsigned int wrap_after_s = 60;
module_param(wrap_after_s, uint, 0444);
MODULE_PARM_DESC(wrap_after_s, "Seconds at full load after which each register wraps for the first time");

/* Under the lock. */
static void settle(void)
{
	u64 now_ns = ktime_get_ns();
	int i;

	/* A parameter on the command line is set before the module is there. */
	if (settled_ns == 0)
		return;
	for (i = 0; i < ARRAY_SIZE(zones); i++)
		zones[i].energy_nj += mul_u64_u64_div_u64(zones[i].power_mw * load_permille,
							  now_ns - settled_ns, 1000000ULL);
	settled_ns = now_ns;
}

static u64 counts_of(const struct lab_zone *zone)
{
	return div64_u64(zone->energy_nj, zone->unit_nj);
}

static u64 register_of(const struct lab_zone *zone)
{
	u64 until_wrap = div64_u64(zone->power_mw * wrap_after_s * 1000000ULL, zone->unit_nj);

	return (REGISTER + 1 - until_wrap + counts_of(zone)) & REGISTER;
}

static struct lab_zone *find(struct powercap_zone *wanted)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(zones); i++)
		if (zones[i].zone == wanted)
			return &zones[i];
	return NULL;
}

/* rapl_unit_xlate() of intel_rapl_common.c: whole nJ per count, cut off to µJ. */
static int get_energy_uj(struct powercap_zone *power_zone, u64 *energy_uj)
{
	struct lab_zone *zone = find(power_zone);

	if (!zone)
		return -EIO;
	spin_lock(&lock);
	settle();
	*energy_uj = div64_u64(register_of(zone) * zone->unit_nj, 1000);
	spin_unlock(&lock);
	return 0;
}

static int get_max_energy_range_uj(struct powercap_zone *power_zone, u64 *range_uj)
{
	struct lab_zone *zone = find(power_zone);

	if (!zone)
		return -EIO;
	*range_uj = div64_u64(REGISTER * zone->unit_nj, 1000);
	return 0;
}

static const struct powercap_zone_ops zone_ops = {
	.get_energy_uj = get_energy_uj,
	.get_max_energy_range_uj = get_max_energy_range_uj,
};

/* powercap refuses a zone without these. */
static int set_nothing(struct powercap_zone *zone, int id, u64 value)
{
	return -EPERM;
}

static int get_limit(struct powercap_zone *zone, int id, u64 *limit_uw)
{
	*limit_uw = 250000000;
	return 0;
}

static int get_window(struct powercap_zone *zone, int id, u64 *window_us)
{
	*window_us = 1000000;
	return 0;
}

static const char *get_name(struct powercap_zone *zone, int id)
{
	return "long_term";
}

static const struct powercap_zone_constraint_ops constraint_ops = {
	.set_power_limit_uw = set_nothing,
	.get_power_limit_uw = get_limit,
	.set_time_window_us = set_nothing,
	.get_time_window_us = get_window,
	.get_name = get_name,
};

static int set_load(const char *text, const struct kernel_param *param)
{
	unsigned int permille;
	int error = kstrtouint(text, 0, &permille);

	if (error)
		return error;
	spin_lock(&lock);
	settle();
	load_permille = permille;
	spin_unlock(&lock);
	return 0;
}

static int get_load(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%u\n", load_permille);
}

static const struct kernel_param_ops load_ops = { .set = set_load, .get = get_load };
module_param_cb(load, &load_ops, NULL, 0644);

static int get_counts(char *buffer, const struct kernel_param *param)
{
	int i, length = 0;

	spin_lock(&lock);
	settle();
	for (i = 0; i < ARRAY_SIZE(zones); i++)
		length += sysfs_emit_at(buffer, length, "%s %llu %llu\n", dev_name(&zones[i].zone->dev),
					counts_of(&zones[i]), zones[i].unit_nj);
	spin_unlock(&lock);
	return length;
}

static const struct kernel_param_ops counts_ops = { .get = get_counts };
module_param_cb(counts, &counts_ops, NULL, 0444);

static void unregister(int registered)
{
	while (registered-- > 0)
		powercap_unregister_zone(zones[registered].is_mmio ? mmio : msr, zones[registered].zone);
	powercap_unregister_control_type(mmio);
	powercap_unregister_control_type(msr);
}

static int __init lab_powercap_init(void)
{
	int i;

	settled_ns = ktime_get_ns();
	msr = powercap_register_control_type(NULL, "intel-rapl", NULL);
	if (IS_ERR(msr))
		return PTR_ERR(msr);
	mmio = powercap_register_control_type(NULL, "intel-rapl-mmio", NULL);
	if (IS_ERR(mmio)) {
		powercap_unregister_control_type(msr);
		return PTR_ERR(mmio);
	}
	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		struct lab_zone *it = &zones[i];
		struct powercap_zone *parent = it->parent == NO_PARENT ? NULL : zones[it->parent].zone;

		it->zone = powercap_register_zone(NULL, it->is_mmio ? mmio : msr, it->name, parent, &zone_ops, 1,
						  &constraint_ops);
		if (IS_ERR(it->zone)) {
			unregister(i);
			return PTR_ERR(it->zone);
		}
	}
	return 0;
}

static void __exit lab_powercap_exit(void)
{
	unregister(ARRAY_SIZE(zones));
}

module_init(lab_powercap_init);
module_exit(lab_powercap_exit);
MODULE_DESCRIPTION("RAPL zones that count what a test says");
MODULE_LICENSE("GPL");

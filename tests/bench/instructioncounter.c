/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A plugin of qemu's user emulation that says on stderr how many instructions
 * of the guest were executed:
 *
 *   qemu-aarch64 -plugin libinstructioncounter.so PROGRAM
 *
 * qemu documents the interface (docs/devel/tcg-plugins.rst, qemu-plugin.h);
 * Debian has no package with its header, so what is used of it is declared
 * here.  These functions are the same in all its versions. */

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define EXPORT __attribute__ ((visibility ("default")))

typedef uint64_t PluginId;
typedef struct qemu_plugin_tb Block;    /* of instructions, translated as one */

extern size_t qemu_plugin_tb_n_insns (const Block * block);
extern void qemu_plugin_register_vcpu_tb_trans_cb (PluginId id,
    void (*translated) (PluginId id, Block * block));
extern void qemu_plugin_register_vcpu_tb_exec_cb (Block * block,
    void (*executed) (unsigned cpu, void *data), int flags, void *data);
extern void qemu_plugin_register_atexit_cb (PluginId id,
    void (*ended) (PluginId id, void *data), void *data);

/* 1 up to qemu 8, which does not take 2; later ones do not take 1. */
#ifndef API_VERSION
#define API_VERSION 1
#endif
EXPORT extern int qemu_plugin_version;
int qemu_plugin_version = API_VERSION;
EXPORT int qemu_plugin_install (PluginId id, const void *info, int argc,
    char **argv);

/* The programs that are counted have one thread. */
static uint64_t count;

static void
add_block (unsigned cpu, void *n_instructions)
{
  count += (uintptr_t) n_instructions;
}

static void
watch_block (PluginId id, Block * block)
{
  uintptr_t n = qemu_plugin_tb_n_insns (block);

  qemu_plugin_register_vcpu_tb_exec_cb (block, add_block, 0, (void *) n);
}

static void
tell (PluginId id, void *data)
{
  fprintf (stderr, "instructions: %" PRIu64 "\n", count);
}

int
qemu_plugin_install (PluginId id, const void *info, int argc, char **argv)
{
  qemu_plugin_register_vcpu_tb_trans_cb (id, watch_block);
  qemu_plugin_register_atexit_cb (id, tell, NULL);
  return 0;
}

/*
 * What OpenIPMI's ipmi_sim lacks for our tests: DCMI Get Power Reading, Dell's and Lenovo's energy counters, and faults
 * on the serial channel. Everything is read from the file "control" (lines "key value") at each request, so that a test
 * changes it while the simulator runs. Faults spare the LAN channel: an independent client sees the truth meanwhile.
 *
 *   gcc -shared -fPIC -o ipmi_sim_module.so ipmi_sim_module.c     (headers: libopenipmi-dev 2.0.33)
 */
#include <OpenIPMI/lanserv.h>
#include <OpenIPMI/mcserv.h>
#include <OpenIPMI/serserv.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define SERIAL_CHANNEL 15
#define DCMI 0xdc
#define INVALID_COMMAND 0xc1

static char control_path[4096];
static void (*serial_return)(channel_t *, msg_t *, rsp_msg_t *);

static unsigned long control(const char *wanted, unsigned long otherwise) {
  char key[64];
  unsigned long value, found = otherwise;
  FILE *file = fopen(control_path, "r");
  if (!file) return otherwise;
  while (fscanf(file, "%63s %lu", key, &value) == 2) {
    if (strcmp(key, wanted) == 0) found = value;
  }
  fclose(file);
  return found;
}

static void put_le(unsigned char *at, unsigned long value, int bytes) {
  for (int i = 0; i < bytes; i++) at[i] = (unsigned char)(value >> (8 * i));
}

static void answer(unsigned char *data, unsigned int *length, unsigned int size) {
  data[0] = (unsigned char)control("completion", 0);
  *length = data[0] ? 1 : (unsigned int)control("length", size);
}

static void dcmi(lmc_data_t *mc, msg_t *msg, unsigned char *data, unsigned int *length, void *cb) {
  if (msg->cmd != 0x02 || msg->len < 4 || !control("dcmi", 1)) {
    data[0] = INVALID_COMMAND;
    *length = 1;
    return;
  }
  unsigned long watts = control("watts", 250);
  memset(data, 0, 19);
  data[1] = DCMI;
  put_le(data + 2, watts, 2);
  put_le(data + 4, watts / 2, 2);
  put_le(data + 6, watts > 0x7fff ? 0xffff : watts * 2, 2);
  put_le(data + 8, watts, 2);
  put_le(data + 10, (unsigned long)time(NULL), 4);
  put_le(data + 14, 1000, 4);
  data[18] = (unsigned char)control("state", 0x40);
  answer(data, length, 19);
}

static void dell(lmc_data_t *mc, msg_t *msg, unsigned char *data, unsigned int *length, void *cb) {
  memset(data, 0, 25);
  put_le(data + 1, 1700000000, 4);
  put_le(data + 5, control("dell_wh", 1234567), 4);
  put_le(data + 9, 1700000000, 4);
  put_le(data + 13, 1700000000, 4);
  put_le(data + 17, 25, 2);
  put_le(data + 19, 1700000000, 4);
  put_le(data + 23, 700, 2);
  answer(data, length, 25);
}

static void lenovo(lmc_data_t *mc, msg_t *msg, unsigned char *data, unsigned int *length, void *cb) {
  unsigned long mj = control("lenovo_mj", 5000);
  memset(data, 0, 15);
  put_le(data + 3, mj / 1000, 4);
  put_le(data + 7, mj % 1000, 2);
  put_le(data + 9, (unsigned long)time(NULL), 4);
  answer(data, length, 15);
}

/* A control message, a stray end mark, an escape cut short, a frame with a wrong sum, and a sound answer that nobody
   asked for: 999 W under the sequence number before this one. */
static void send_noise(serserv_data_t *serial, msg_t *msg) {
  unsigned char bad[] = {0x01, 0xa1, 0xa0, 0x12, 0xaa, 0xa0, 0x05, 0xb1, 0x02, 0x00, 0x77, 0xa0};
  unsigned char stale[19] = {0, DCMI, 0xe7, 0x03};
  msg_t late = *msg;
  late.rq_seq = (unsigned char)(msg->rq_seq - 1);
  late.netfn = msg->netfn | 1;
  late.data = stale;
  late.len = sizeof stale;
  serial->send_out(serial, bad, sizeof bad);
  serial->codec->send(&late, serial);
}

static void return_with_faults(channel_t *channel, msg_t *msg, rsp_msg_t *response) {
  serserv_data_t *serial = channel->chan_info;
  usleep((useconds_t)control("delay_ms", 0) * 1000);
  if (control("noise", 0)) send_noise(serial, msg);
  if (!control("silent", 0)) serial_return(channel, msg, response);
}

int ipmi_sim_module_print_version(sys_data_t *sys, const char *options) { return 0; }

int ipmi_sim_module_init(sys_data_t *sys, const char *options) {
  /* The simulator must not outlive the test that started it, however that ends. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  /* Without this it dies when a client goes while it writes to it. */
  signal(SIGPIPE, SIG_IGN);
  snprintf(control_path, sizeof control_path, "%s", options);
  ipmi_emu_register_group_extension_handler(DCMI, dcmi, NULL);
  return 0;
}

int ipmi_sim_module_post_init(sys_data_t *sys) {
  channel_t *serial = sys->chan_set[SERIAL_CHANNEL];
  if (!serial || !serial->return_rsp) return 1;
  serial_return = serial->return_rsp;
  serial->return_rsp = return_with_faults;
  ipmi_emu_register_cmd_handler(0x30, 0x9c, dell, NULL);
  ipmi_emu_register_cmd_handler(0x3a, 0x32, lenovo, NULL);
  return 0;
}

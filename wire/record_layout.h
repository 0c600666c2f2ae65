/* The head of a record in the report; record.h describes it. */
#ifndef WIRE_RECORD_LAYOUT_H
#define WIRE_RECORD_LAYOUT_H

#include <stdint.h>

struct record_head {
	uint32_t total;
	uint8_t kind, lens;
	uint16_t member_len;
	uint32_t json_len, spare;
};

#endif

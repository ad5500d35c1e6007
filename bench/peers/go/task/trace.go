package main

var state uint64

func nextID() uint64 {
	state += 0x9e3779b97f4a7c15
	z := state
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// The field that goes upstream: the trace that came with a new parent-id, or a new trace.
func traceparent(inbound string) string {
	outbound := []byte("00-00000000000000000000000000000000-0000000000000000-01")
	if isValid(inbound) {
		copy(outbound[3:35], inbound[3:35])
		copy(outbound[53:], inbound[53:])
	} else {
		writeHex(outbound[3:19], nextID())
		writeHex(outbound[19:35], nextID())
	}
	writeHex(outbound[36:52], nextID())
	return string(outbound)
}

func writeHex(to []byte, value uint64) {
	for i := len(to) - 1; i >= 0; i-- {
		to[i] = "0123456789abcdef"[value&15]
		value >>= 4
	}
}

func isValid(value string) bool {
	return len(value) == 55 && value[:3] == "00-" && value[35] == '-' && value[52] == '-' &&
		isHex(value[53]) && isHex(value[54]) && isID(value[3:35]) && isID(value[36:52])
}

// Lower-case hex, and not all zero.
func isID(id string) bool {
	zeros := 0
	for i := 0; i < len(id); i++ {
		if !isHex(id[i]) {
			return false
		}
		if id[i] == '0' {
			zeros++
		}
	}
	return zeros < len(id)
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }

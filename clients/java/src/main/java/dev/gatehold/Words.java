package dev.gatehold;

import com.google.protobuf.ProtocolMessageEnum;
import java.util.Locale;

/** Enum values in the short spelling that people see: DECISION_BLOCK as block. */
final class Words {
    private static final String ZERO = "UNSPECIFIED";

    private Words() {}

    static String of(ProtocolMessageEnum value) {
        String zero = value.getDescriptorForType().findValueByNumber(0).getName();
        String prefix = zero.substring(0, zero.length() - ZERO.length());
        return value.getValueDescriptor().getName().substring(prefix.length()).toLowerCase(Locale.ROOT);
    }
}

using System.Buffers.Binary;
using Winnow.Inference.Files;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>One block of every weight type, written byte by byte, and what some of its elements are, worked out by hand.</summary>
internal static class HandMadeBlocks
{
    public static byte[] Block(GgmlType type) => type switch
    {
        GgmlType.F32 => Bytes(4, (2, 0x20), (3, 0xC0)),
        GgmlType.F16 => Bytes(2, (1, 0xC1)),
        GgmlType.BF16 => Bytes(2, (0, 0x20), (1, 0xC0)),
        GgmlType.Q4_0 => Halves(Bytes(18, (2, 0x8F), (17, 0x10)), (0, 0.25)),
        GgmlType.Q4_1 => Halves(Bytes(20, (4, 0x7A), (19, 0xF0)), (0, 0.5), (2, -3)),
        GgmlType.Q5_0 => Halves(Bytes(22, (2, 0x01), (5, 0x80), (6, 0x3F), (21, 0x10)), (0, 0.5)),
        GgmlType.Q5_1 => Halves(Bytes(24, (6, 0x01), (8, 0x21), (23, 0xF0)), (0, 2), (2, -10)),
        GgmlType.Q8_0 => Halves(Bytes(34, (2, 0x80), (3, 3), (18, 0xFF), (33, 127)), (0, 0.5)),
        GgmlType.IQ4_NL => Halves(Bytes(18, (2, 0x0F), (17, 0x87)), (0, 0.5)),
        GgmlType.MXFP4 => Bytes(17, (0, 128), (1, 0xF1), (16, 0x87)),
        GgmlType.Q2_K => Halves(
            Bytes(84, (0, 0x21), (1, 0x03), (2, 0x05), (15, 0xF2), (16, 0b0111), (32, 0b10), (79, 0x80)), (80, 0.5), (82, 0.25)),
        GgmlType.Q3_K => Halves(Bytes(110, (0, 1), (32, 3), (95, 0x40), (96, 1), (103, 0x40), (104, 2), (107, 0x40)), (108, 0.5)),
        GgmlType.Q4_K => Halves(
            Bytes(144, (4, 3), (7, 0x80), (8, 2), (11, 0xC0), (15, 0x51), (16, 0x0A), (143, 0xF0)), (0, 0.5), (2, 0.25)),
        GgmlType.Q5_K => Halves(
            Bytes(176, (4, 3), (7, 0x80), (8, 2), (11, 0xC0), (15, 0x51), (16, 1), (47, 0x80), (48, 0x0A), (175, 0xF0)), (0, 0.5), (2, 0.25)),
        GgmlType.Q6_K => Halves(
            Bytes(210, (0, 0x0F), (127, 0x50), (128, 3), (191, 0x80), (192, 0xFE), (196, 1), (207, 127)), (208, 0.5)),
        GgmlType.IQ4_XS => Halves(Bytes(136, (2, 2), (4, 5), (7, 0x10), (8, 0x0F), (135, 0x70)), (0, 0.5)),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Elements and their values.</summary>
    public static (int Element, float Value)[] Values(GgmlType type) => type switch
    {
        GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 => [(0, -2.5f)],
        GgmlType.Q4_0 => [(0, 0.25f * 7), (16, 0), (15, 0.25f * -8), (31, 0.25f * -7)],
        GgmlType.Q4_1 => [(0, (0.5f * 10) - 3), (16, (0.5f * 7) - 3), (15, -3), (31, (0.5f * 15) - 3)],
        GgmlType.Q5_0 => [(0, 0.5f * (15 + 16 - 16)), (16, 0.5f * (3 - 16)), (15, 0.5f * -16), (31, 0.5f * (1 + 16 - 16))],
        GgmlType.Q5_1 => [(0, (2 * 1) - 10), (16, (2 * (2 + 16)) - 10), (15, -10), (31, (2 * 15) - 10)],
        GgmlType.Q8_0 => [(0, -64), (1, 1.5f), (16, -0.5f), (31, 63.5f)],
        GgmlType.IQ4_NL => [(0, 0.5f * 113), (16, 0.5f * -127), (15, 0.5f * -10), (31, 0.5f * 1)],
        GgmlType.MXFP4 => [(0, 2 * 0.5f), (16, 2 * -6), (15, 2 * 6), (31, 0)],
        GgmlType.Q2_K =>
            [(0, (0.5f * 1 * 3) - (0.25f * 2)), (16, 0.5f * 3 * 2), (32, 0.5f * 5 * 1), (255, (0.5f * 2 * 2) - (0.25f * 15))],
        GgmlType.Q3_K => [(0, 0.5f * (33 - 32) * 3), (1, 0.5f * (33 - 32) * -4), (255, 0.5f * (20 - 32) * (1 - 4))],
        GgmlType.Q4_K => [(0, (0.5f * 3 * 10) - (0.25f * 2)), (32, 0), (255, (0.5f * 33 * 15) - (0.25f * 53))],
        GgmlType.Q5_K => [(0, (0.5f * 3 * 26) - (0.25f * 2)), (32, 0), (255, (0.5f * 33 * 31) - (0.25f * 53))],
        GgmlType.Q6_K => [(0, 0.5f * -2 * (63 - 32)), (64, 0.5f * 1 * -32), (255, 0.5f * 127 * (37 - 32))],
        GgmlType.IQ4_XS => [(0, 0.5f * (37 - 32) * 113), (16, 0.5f * (37 - 32) * -127), (255, 0.5f * (1 - 32) * -10)],
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static byte[] Bytes(int count, params (int At, int Value)[] bytes)
    {
        byte[] block = new byte[count];
        foreach ((int at, int value) in bytes)
        {
            block[at] = (byte)value;
        }
        return block;
    }

    private static byte[] Halves(byte[] block, params (int At, double Value)[] halves)
    {
        foreach ((int at, double value) in halves)
        {
            BinaryPrimitives.WriteHalfLittleEndian(block.AsSpan(at), (Half)value);
        }
        return block;
    }
}

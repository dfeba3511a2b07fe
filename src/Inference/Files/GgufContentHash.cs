using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Winnow.Inference.Files;

/// <summary>Names a model file's content cheaply.</summary>
internal static class GgufContentHash
{
    private const long WholeFileBytes = 64L << 20;
    private const int ChunkBytes = 1 << 20;
    private const int SampleBytes = 4096;
    private const int SamplesPerTensor = 4;
    private const int HashBytes = 16;

    /// <summary>Lower-case hex of the first 128 bits of SHA-256 over length, header and (sampled) data.</summary>
    public static string Compute(GgufFile file)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, file.ByteLength);
        hash.AppendData(length);
        bool whole = file.ByteLength <= WholeFileBytes;
        AppendRange(hash, file, 0, whole ? file.ByteLength : Math.Min(file.DataOffset, file.ByteLength));
        if (!whole)
        {
            foreach (GgufTensor tensor in file.Tensors)
            {
                AppendSamples(hash, file, tensor);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, HashBytes));
    }

    private static void AppendSamples(IncrementalHash hash, GgufFile file, GgufTensor tensor)
    {
        if (tensor.ByteLength <= SampleBytes * SamplesPerTensor)
        {
            AppendRange(hash, file, tensor.Offset, tensor.ByteLength);
            return;
        }
        for (int i = 0; i < SamplesPerTensor; i++)
        {
            long at = (tensor.ByteLength - SampleBytes) / (SamplesPerTensor - 1) * i;
            hash.AppendData(file.Slice(tensor.Offset + at, SampleBytes));
        }
    }

    private static void AppendRange(IncrementalHash hash, GgufFile file, long offset, long length)
    {
        for (long done = 0; done < length; done += ChunkBytes)
        {
            hash.AppendData(file.Slice(offset + done, (int)Math.Min(ChunkBytes, length - done)));
        }
    }
}

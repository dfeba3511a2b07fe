using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Winnow.Inference.Files;

/// <summary>
/// Names a model's content cheaply: of a model that is fetched from a server, a sample costs one small request, so there are few of them.
/// </summary>
internal static class ModelContentHash
{
    private const long WholeBytes = 64L << 20;
    private const int ChunkBytes = 1 << 20;
    private const int SampleBytes = 4096;
    private const int Samples = 32;
    private const int HashBytes = 16;

    /// <summary>Lower-case hex of the first 128 bits of SHA-256 over length, header and (sampled) data of each part.</summary>
    public static string Compute(ModelFile file)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(long)];
        bool whole = file.ByteLength <= WholeBytes;
        foreach (ModelFilePart part in file.Parts)
        {
            BinaryPrimitives.WriteInt64LittleEndian(length, part.ByteLength);
            hash.AppendData(length);
            AppendRange(hash, part, 0, whole ? part.ByteLength : part.DataOffset);
        }
        if (!whole)
        {
            AppendSamples(hash, [.. file.Parts.Where(part => part.IsMapped)]);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, HashBytes));
    }

    /// <summary>Samples at even distances over the data of all files together, the first and the last bytes among them.</summary>
    private static void AppendSamples(IncrementalHash hash, IReadOnlyList<ModelFilePart> parts)
    {
        long bytes = parts.Sum(part => part.ByteLength - part.DataOffset);
        long step = Math.Max(0, bytes - SampleBytes) / (Samples - 1);
        long before = 0;
        int sample = 0;
        foreach (ModelFilePart part in parts)
        {
            long data = part.ByteLength - part.DataOffset;
            for (; sample < Samples && step * sample < before + data; sample++)
            {
                long at = (step * sample) - before;
                AppendRange(hash, part, part.DataOffset + at, Math.Min(SampleBytes, data - at));
            }
            before += data;
        }
    }

    private static void AppendRange(IncrementalHash hash, ModelFilePart part, long offset, long length)
    {
        for (long done = 0; done < length; done += ChunkBytes)
        {
            hash.AppendData(part.Slice(offset + done, (int)Math.Min(ChunkBytes, length - done)));
        }
    }
}

using System.CommandLine;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Winnow.Peer.Commands;

/// <summary><c>bandwidth</c>: how fast threads read memory that no cache holds, the roof over decoding.</summary>
internal static class BandwidthCommand
{
    private const nuint Alignment = 64;
    private const double Giga = 1e9;

    public static Command Create()
    {
        Option<int> threads = new("--threads") { Description = "Threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<int> megabytes = new("--megabytes") { Description = "Memory each thread reads.", DefaultValueFactory = _ => 512 };
        Option<int> repetitions = new("--reps") { Description = "Samples, after one that does not count.", DefaultValueFactory = _ => 9 };
        var command = new Command("bandwidth", "Reads memory and prints gigabytes per second: median, best, all samples.") { threads, megabytes, repetitions };
        command.SetAction(parsed =>
        {
            double[] samples = Measure(Math.Max(1, parsed.GetValue(threads)), (nuint)Math.Max(1, parsed.GetValue(megabytes)) << 20, Math.Max(1, parsed.GetValue(repetitions)));
            PeerJson.Print(new { threads = parsed.GetValue(threads), median = Samples.Median(samples), best = samples.Max(), samples });
        });
        return command;
    }

    private static double[] Measure(int threads, nuint bytes, int repetitions)
    {
        double[] samples = new double[repetitions];
        using var start = new Barrier(threads + 1);
        using var end = new Barrier(threads + 1);
        Thread[] readers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() => Read(bytes, repetitions + 1, start, end)))];
        Array.ForEach(readers, reader => reader.Start());
        for (int i = -1; i < repetitions; i++)
        {
            start.SignalAndWait();
            long begin = TimeProvider.System.GetTimestamp();
            end.SignalAndWait();
            if (i >= 0)
            {
                samples[i] = Math.Round((double)bytes * threads / Giga / TimeProvider.System.GetElapsedTime(begin).TotalSeconds, 2);
            }
        }
        Array.ForEach(readers, reader => reader.Join());
        return samples;
    }

    private static unsafe void Read(nuint bytes, int times, Barrier start, Barrier end)
    {
        byte* memory = (byte*)NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Fill(memory, bytes, 1);
        Vector<long> sum = Vector<long>.Zero;
        for (int i = 0; i < times; i++)
        {
            start.SignalAndWait();
            sum ^= Fold((Vector<long>*)memory, bytes / (nuint)sizeof(Vector<long>));
            end.SignalAndWait();
        }
        NativeMemory.AlignedFree(memory);
        GC.KeepAlive(sum);
    }

    private static unsafe Vector<long> Fold(Vector<long>* memory, nuint count)
    {
        Vector<long> a = Vector<long>.Zero, b = a, c = a, d = a;
        for (nuint i = 0; i + 3 < count; i += 4)
        {
            a ^= memory[i];
            b ^= memory[i + 1];
            c ^= memory[i + 2];
            d ^= memory[i + 3];
        }
        return a ^ b ^ c ^ d;
    }
}

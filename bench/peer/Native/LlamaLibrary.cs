using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Winnow.Peer.Native;

/// <summary>Loads llama.cpp's libraries from a folder and checks that they are of the release this program was written for.</summary>
internal static unsafe class LlamaLibrary
{
    /// <summary>The release whose headers the structs follow.</summary>
    public const string ExpectedVersion = "0.5.0-dev";

    private const int ErrorLevel = 4;

    /// <summary>Loads the libraries and one CPU variant.</summary>
    /// <param name="folder">Folder with libllama, libggml and the CPU variants.</param>
    /// <param name="variant">CPU variant such as <c>haswell</c>, or <see langword="null"/> for the best that this machine runs.</param>
    /// <exception cref="PeerException">A library is not there, or is of another release.</exception>
    public static void Load(string folder, string? variant)
    {
        NativeLibrary.SetDllImportResolver(typeof(LlamaLibrary).Assembly, (name, _, _) => Resolve(folder, name));
        string version = Marshal.PtrToStringUTF8((nint)LlamaApi.Version()) ?? string.Empty;
        if (version != ExpectedVersion)
        {
            throw new PeerException($"'{folder}' holds llama.cpp '{version}'; this program's structs are those of {ExpectedVersion}. Install the version in bench/peer/package.json.");
        }
        LayoutCheck.Run();
        LlamaApi.SetLog(&Log, null);
        LoadCpu(folder, variant);
        LlamaApi.InitializeBackend();
    }

    private static void LoadCpu(string folder, string? variant)
    {
        if (variant is null)
        {
            LlamaApi.LoadBackends(folder);
            return;
        }
        string path = Path.Combine(folder, $"libggml-cpu-{variant}.so");
        if (!File.Exists(path) || LlamaApi.LoadBackend(path) == 0)
        {
            string[] variants = [.. Directory.GetFiles(folder, "libggml-cpu-*.so").Select(file => Path.GetFileNameWithoutExtension(file)["libggml-cpu-".Length..]).Order(StringComparer.Ordinal)];
            throw new PeerException($"CPU variant '{variant}' did not load; '{folder}' has {string.Join(", ", variants)}, and the processor must support it.");
        }
    }

    private static nint Resolve(string folder, string name)
    {
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, $"lib{name}.*so") : [];
        return files.Length == 1
            ? NativeLibrary.Load(files[0])
            : throw new PeerException($"'{folder}' holds {files.Length} files named lib{name}.so or lib{name}.VERSION.so, one is needed; run npm install in bench/peer or give the folder with --library or WINNOW_PEER_LIBRARY.");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Log(int level, byte* text, void* userData)
    {
        if (level == ErrorLevel && text != null)
        {
            Console.Error.Write(Marshal.PtrToStringUTF8((nint)text));
        }
    }
}

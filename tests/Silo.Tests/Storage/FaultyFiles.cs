using Winnow.Silo.Storage;

namespace Winnow.Silo.Tests.Storage;

/// <summary>Durable files that die at a chosen step: nothing after it happens, and a write that is cut short leaves half a file.</summary>
internal sealed class FaultyFiles(IDurableFiles inner, int dieAtStep, bool tear) : IDurableFiles
{
    private int _step;

    /// <summary>Steps that changed the disk so far.</summary>
    public int Steps => _step;

    public byte[]? Read(string path) => inner.Read(path);

    public void WriteFlushed(string path, ReadOnlySpan<byte> content)
    {
        if (++_step == dieAtStep)
        {
            inner.WriteFlushed(path, tear ? content[..(content.Length / 2)] : []);
            throw new ProcessDiedException();
        }
        inner.WriteFlushed(path, content);
    }

    public void Replace(string from, string to)
    {
        Step();
        inner.Replace(from, to);
    }

    public void Delete(string path)
    {
        Step();
        inner.Delete(path);
    }

    public void SyncDirectory(string path)
    {
        Step();
        inner.SyncDirectory(path);
    }

    private void Step()
    {
        if (++_step == dieAtStep)
        {
            throw new ProcessDiedException();
        }
    }
}

/// <summary>Stands for the end of the process.</summary>
internal sealed class ProcessDiedException : Exception;
